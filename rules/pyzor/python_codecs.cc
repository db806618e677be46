#include "rules/pyzor/python_codecs.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

using Kind = PythonCodec::Kind;

/// encodings/aliases.py, and the codecs' own names. What Python has and mail does not (EBCDIC, the
/// newer JIS) is left to ASCII.
struct Row {
  Kind kind;
  std::string_view converter;
  std::string_view names;
};
constexpr std::array rows{
    Row{Kind::utf8, "", "cp65001 u8 utf utf8 utf8_ucs2 utf8_ucs4 utf_8"},
    Row{Kind::latin1, "",
        "8859 cp819 csisolatin1 ibm819 iso8859 iso8859_1 iso_8859_1 iso_8859_1_1987 iso_ir_100 l1 "
        "latin latin1 latin_1"},
    Row{Kind::converted, "BIG5", "big5 big5_tw csbig5 x_mac_trad_chinese"},
    Row{Kind::converted, "BIG5-HKSCS", "big5_hkscs big5hkscs hkscs"},
    Row{Kind::converted, "CP1250", "1250 cp1250 windows_1250"},
    Row{Kind::converted, "CP1251", "1251 cp1251 windows_1251"},
    Row{Kind::converted, "CP1252", "1252 cp1252 windows_1252"},
    Row{Kind::converted, "CP1253", "1253 cp1253 windows_1253"},
    Row{Kind::converted, "CP1254", "1254 cp1254 windows_1254"},
    Row{Kind::converted, "CP1255", "1255 cp1255 windows_1255"},
    Row{Kind::converted, "CP1256", "1256 cp1256 windows_1256"},
    Row{Kind::converted, "CP1257", "1257 cp1257 windows_1257"},
    Row{Kind::converted, "CP1258", "1258 cp1258 windows_1258"},
    Row{Kind::converted, "CP437", "437 cp437 cspc8codepage437 ibm437"},
    Row{Kind::converted, "CP737", "cp737"},
    Row{Kind::converted, "CP775", "775 cp775 cspc775baltic ibm775"},
    Row{Kind::converted, "CP850", "850 cp850 cspc850multilingual ibm850"},
    Row{Kind::converted, "CP852", "852 cp852 cspcp852 ibm852"},
    Row{Kind::converted, "CP855", "855 cp855 csibm855 ibm855"},
    Row{Kind::converted, "CP857", "857 cp857 csibm857 ibm857"},
    Row{Kind::converted, "CP858", "858 cp858 csibm858 ibm858"},
    Row{Kind::converted, "CP860", "860 cp860 csibm860 ibm860"},
    Row{Kind::converted, "CP861", "861 cp861 cp_is csibm861 ibm861"},
    Row{Kind::converted, "CP862", "862 cp862 cspc862latinhebrew ibm862"},
    Row{Kind::converted, "CP863", "863 cp863 csibm863 ibm863"},
    Row{Kind::converted, "CP864", "864 cp864 csibm864 ibm864"},
    Row{Kind::converted, "CP865", "865 cp865 csibm865 ibm865"},
    Row{Kind::converted, "CP866", "866 cp866 csibm866 ibm866"},
    Row{Kind::converted, "CP869", "869 cp869 cp_gr csibm869 ibm869"},
    Row{Kind::converted, "CP874", "cp874"},
    Row{Kind::converted, "CP932", "932 cp932 ms932 ms_kanji mskanji"},
    Row{Kind::converted, "CP949", "949 cp949 ms949 uhc"},
    Row{Kind::converted, "CP950", "950 cp950 ms950"},
    Row{Kind::converted, "EUC-JP", "euc_jp eucjp u_jis ujis"},
    Row{Kind::converted, "EUC-KR",
        "euc_kr euckr korean ks_c_5601 ks_c_5601_1987 ks_x_1001 ksc5601 ksx1001 x_mac_korean"},
    Row{Kind::converted, "GB18030", "gb18030 gb18030_2000"},
    Row{Kind::converted, "EUC-CN",
        "chinese csiso58gb231280 euc_cn euccn eucgb2312_cn gb2312 gb2312_1980 gb2312_80 iso_ir_58 "
        "x_mac_simp_chinese"},
    Row{Kind::converted, "CP936", "936 cp936 gbk ms936"},
    Row{Kind::converted, "ISO-2022-JP", "csiso2022jp iso2022_jp iso2022jp iso_2022_jp"},
    Row{Kind::converted, "ISO-2022-JP-1", "iso2022_jp_1 iso2022jp_1 iso_2022_jp_1"},
    Row{Kind::converted, "ISO-2022-JP", "iso2022_jp_2 iso2022jp_2 iso_2022_jp_2"},
    Row{Kind::converted, "ISO-2022-JP-1", "iso2022_jp_ext iso2022jp_ext iso_2022_jp_ext"},
    Row{Kind::converted, "ISO-2022-KR", "csiso2022kr iso2022_kr iso2022kr iso_2022_kr"},
    Row{Kind::converted, "ISO-8859-10",
        "csisolatin6 iso8859_10 iso_8859_10 iso_8859_10_1992 iso_ir_157 l6 latin6"},
    Row{Kind::converted, "ISO-8859-11", "iso8859_11 iso_8859_11 iso_8859_11_2001 thai"},
    Row{Kind::converted, "ISO-8859-13", "iso8859_13 iso_8859_13 l7 latin7"},
    Row{Kind::converted, "ISO-8859-14",
        "iso8859_14 iso_8859_14 iso_8859_14_1998 iso_celtic iso_ir_199 l8 latin8"},
    Row{Kind::converted, "ISO-8859-15", "iso8859_15 iso_8859_15 l9 latin9"},
    Row{Kind::converted, "ISO-8859-16",
        "iso8859_16 iso_8859_16 iso_8859_16_2001 iso_ir_226 l10 latin10"},
    Row{Kind::converted, "ISO-8859-2",
        "csisolatin2 iso8859_2 iso_8859_2 iso_8859_2_1987 iso_ir_101 l2 latin2"},
    Row{Kind::converted, "ISO-8859-3",
        "csisolatin3 iso8859_3 iso_8859_3 iso_8859_3_1988 iso_ir_109 l3 latin3"},
    Row{Kind::converted, "ISO-8859-4",
        "csisolatin4 iso8859_4 iso_8859_4 iso_8859_4_1988 iso_ir_110 l4 latin4"},
    Row{Kind::converted, "ISO-8859-5",
        "csisolatincyrillic cyrillic iso8859_5 iso_8859_5 iso_8859_5_1988 iso_ir_144"},
    Row{Kind::converted, "ISO-8859-6",
        "arabic asmo_708 csisolatinarabic ecma_114 iso8859_6 iso_8859_6 iso_8859_6_1987 "
        "iso_ir_127"},
    Row{Kind::converted, "ISO-8859-7",
        "csisolatingreek ecma_118 elot_928 greek greek8 iso8859_7 iso_8859_7 iso_8859_7_1987 "
        "iso_ir_126"},
    Row{Kind::converted, "ISO-8859-8",
        "csisolatinhebrew hebrew iso8859_8 iso_8859_8 iso_8859_8_1988 iso_ir_138"},
    Row{Kind::converted, "ISO-8859-9",
        "csisolatin5 iso8859_9 iso_8859_9 iso_8859_9_1989 iso_ir_148 l5 latin5"},
    Row{Kind::converted, "JOHAB", "cp1361 johab ms1361"},
    Row{Kind::converted, "KOI8-R", "cskoi8r koi8_r"},
    Row{Kind::converted, "KOI8-U", "koi8_u"},
    Row{Kind::converted, "MAC-CYRILLIC", "mac_cyrillic maccyrillic"},
    Row{Kind::converted, "MACINTOSH", "mac_roman macintosh macroman"},
    Row{Kind::converted, "SHIFT_JIS", "csshiftjis s_jis shift_jis shiftjis sjis x_mac_japanese"},
    Row{Kind::converted, "ISO-8859-11",
        "iso_ir_166 tis620 tis_620 tis_620_0 tis_620_2529_0 tis_620_2529_1"},
    Row{Kind::converted, "UTF-16", "u16 utf16 utf_16"},
    Row{Kind::converted, "UTF-16BE", "unicodebigunmarked utf_16_be utf_16be"},
    Row{Kind::converted, "UTF-16LE", "unicodelittleunmarked utf_16_le utf_16le"},
    Row{Kind::converted, "UTF-32", "u32 utf32 utf_32"},
    Row{Kind::converted, "UTF-32BE", "utf_32_be utf_32be"},
    Row{Kind::converted, "UTF-32LE", "utf_32_le utf_32le"},
    Row{Kind::converted, "UTF-7", "u7 unicode_1_1_utf_7 utf7 utf_7"},
};

struct Named {
  std::string_view name;
  PythonCodec codec;
};

std::vector<Named> by_name() {
  std::vector<Named> out;
  for (const Row& row : rows) {
    for (const auto name : words(row.names)) out.push_back({name, {row.kind, row.converter}});
  }
  std::ranges::sort(out, {}, &Named::name);
  return out;
}

/// Letters and digits, and "_" for what is between them (encodings/__init__.py).
std::string normalized(std::string_view charset) {
  std::string out;
  bool gap = false;
  for (const char c : charset) {
    if (!is_alpha(c) && !is_digit(c) && c != '.') {
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += '_';
    gap = false;
    out += c;
  }
  return out;
}

}  // namespace

PythonCodec python_codec(std::string_view charset) {
  constexpr std::size_t longest_name = 100;
  if (charset.size() > longest_name) return {};
  static const std::vector<Named> names = by_name();
  auto name = normalized(charset);
  const auto find = [](std::string_view wanted) {
    const auto found = std::ranges::lower_bound(names, wanted, {}, &Named::name);
    return found != names.end() && found->name == wanted ? &*found : nullptr;
  };
  const Named* found = find(name);
  if (found == nullptr) {
    std::ranges::replace(name, '.', '_');
    found = find(name);
  }
  return found == nullptr ? PythonCodec{} : found->codec;
}

}  // namespace postern
