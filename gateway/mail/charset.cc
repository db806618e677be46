#include "gateway/mail/charset.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <utility>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"

namespace postern {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

/// What a message may name, and what iconv is asked for. A list, because iconv would load any of
/// some 250 modules for a name that a stranger picked, and rare ones have had endless loops
/// (CVE-2020-27618) and overflows. Web practice decides aliases: Latin 1 is read as windows-1252.
struct Alias {
  std::string_view name;
  std::string_view converter;
};

constexpr std::array aliases = {
    Alias{"big5", "BIG5-HKSCS"},
    Alias{"big5-hkscs", "BIG5-HKSCS"},
    Alias{"cp1250", "CP1250"},
    Alias{"cp1251", "CP1251"},
    Alias{"cp1252", "CP1252"},
    Alias{"cp437", "CP437"},
    Alias{"cp850", "CP850"},
    Alias{"cp852", "CP852"},
    Alias{"cp866", "CP866"},
    Alias{"cp932", "CP932"},
    Alias{"cp936", "GB18030"},
    Alias{"cp949", "CP949"},
    Alias{"euc-jp", "EUC-JP"},
    Alias{"euc-kr", "CP949"},
    Alias{"euc-tw", "EUC-TW"},
    Alias{"gb18030", "GB18030"},
    Alias{"gb2312", "GB18030"},
    Alias{"gbk", "GB18030"},
    Alias{"ibm437", "CP437"},
    Alias{"ibm850", "CP850"},
    Alias{"ibm852", "CP852"},
    Alias{"ibm866", "CP866"},
    Alias{"iso-2022-jp", "ISO-2022-JP"},
    Alias{"iso-2022-jp-2", "ISO-2022-JP-2"},
    Alias{"iso-2022-kr", "ISO-2022-KR"},
    Alias{"iso-8859-1", "CP1252"},
    Alias{"iso-8859-2", "ISO-8859-2"},
    Alias{"iso-8859-3", "ISO-8859-3"},
    Alias{"iso-8859-4", "ISO-8859-4"},
    Alias{"iso-8859-5", "ISO-8859-5"},
    Alias{"iso-8859-6", "ISO-8859-6"},
    Alias{"iso-8859-7", "ISO-8859-7"},
    Alias{"iso-8859-8", "ISO-8859-8"},
    Alias{"iso-8859-8-i", "ISO-8859-8"},
    Alias{"iso-8859-9", "ISO-8859-9"},
    Alias{"iso-8859-10", "ISO-8859-10"},
    Alias{"iso-8859-11", "ISO-8859-11"},
    Alias{"iso-8859-13", "ISO-8859-13"},
    Alias{"iso-8859-14", "ISO-8859-14"},
    Alias{"iso-8859-15", "ISO-8859-15"},
    Alias{"iso-8859-16", "ISO-8859-16"},
    Alias{"iso8859-1", "CP1252"},
    Alias{"johab", "JOHAB"},
    Alias{"koi8-r", "KOI8-R"},
    Alias{"koi8-u", "KOI8-U"},
    Alias{"ks_c_5601-1987", "CP949"},
    Alias{"latin1", "CP1252"},
    Alias{"macintosh", "MACINTOSH"},
    Alias{"shift-jis", "CP932"},
    Alias{"shift_jis", "CP932"},
    Alias{"sjis", "CP932"},
    Alias{"tis-620", "TIS-620"},
    Alias{"utf-16", "UTF-16"},
    Alias{"utf-16be", "UTF-16BE"},
    Alias{"utf-16le", "UTF-16LE"},
    Alias{"utf-32", "UTF-32"},
    Alias{"utf-32be", "UTF-32BE"},
    Alias{"utf-32le", "UTF-32LE"},
    Alias{"utf-7", "UTF-7"},
    Alias{"viscii", "VISCII"},
    Alias{"windows-1250", "CP1250"},
    Alias{"windows-1251", "CP1251"},
    Alias{"windows-1252", "CP1252"},
    Alias{"windows-1253", "CP1253"},
    Alias{"windows-1254", "CP1254"},
    Alias{"windows-1255", "CP1255"},
    Alias{"windows-1256", "CP1256"},
    Alias{"windows-1257", "CP1257"},
    Alias{"windows-1258", "CP1258"},
    Alias{"windows-31j", "CP932"},
    Alias{"windows-874", "CP874"},
    Alias{"windows-949", "CP949"},
    Alias{"x-mac-roman", "MACINTOSH"},
    Alias{"x-sjis", "CP932"},
};

/// For callers that know what they want (rules/text): each charset by itself, nothing put for it.
constexpr std::array<std::string_view, 71> exact_converters = {
    "ASCII",       "BIG5",        "BIG5-HKSCS",    "CP1250",      "CP1251",       "CP1252",
    "CP1253",      "CP1254",      "CP1255",        "CP1256",      "CP1257",       "CP1258",
    "CP437",       "CP737",       "CP775",         "CP850",       "CP852",        "CP855",
    "CP857",       "CP858",       "CP860",         "CP861",       "CP862",        "CP863",
    "CP864",       "CP865",       "CP866",         "CP869",       "CP874",        "CP932",
    "CP936",       "CP949",       "CP950",         "EUC-CN",      "EUC-JP",       "EUC-KR",
    "GB18030",     "ISO-2022-JP", "ISO-2022-JP-1", "ISO-2022-KR", "ISO-8859-1",   "ISO-8859-10",
    "ISO-8859-11", "ISO-8859-13", "ISO-8859-14",   "ISO-8859-15", "ISO-8859-16",  "ISO-8859-2",
    "ISO-8859-3",  "ISO-8859-4",  "ISO-8859-5",    "ISO-8859-6",  "ISO-8859-7",   "ISO-8859-8",
    "ISO-8859-9",  "JOHAB",       "KOI8-R",        "KOI8-U",      "MAC-CYRILLIC", "MAC-UK",
    "MACINTOSH",   "SHIFT_JIS",   "UCS-2BE",       "UCS-2LE",     "UTF-16BE",     "UTF-16LE",
    "UTF-32",      "UTF-32BE",    "UTF-32LE",      "UTF-7",       "VISCII"};

std::string_view alias_of(std::string_view charset) {
  const auto found = std::ranges::find(aliases, charset, &Alias::name);
  return found == aliases.end() ? std::string_view{} : found->converter;
}

class Converter {
 public:
  explicit Converter(const std::string& name) : handle_(iconv_open("UTF-8", name.c_str())) {}
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (usable()) iconv_close(handle_);
  }

  bool usable() const { return handle_ != reinterpret_cast<iconv_t>(-1); }
  std::string convert(std::string_view octets);

  enum class Damage { replaced, replaced_but_at_the_end, refused, refused_but_at_the_end };
  /// Nothing where damage is refused and there.
  std::optional<std::string> run(std::string_view octets, Damage damage);

 private:
  iconv_t handle_;
};

std::string Converter::convert(std::string_view octets) {
  return run(octets, Damage::replaced).value_or(std::string());
}

std::optional<std::string> Converter::run(std::string_view octets, Damage damage) {
  std::string out;
  std::array<char, 4096> buffer;
  char* from = const_cast<char*>(octets.data());  // iconv's signature; it does not write there
  std::size_t left = octets.size();
  iconv(handle_, nullptr, nullptr, nullptr, nullptr);
  for (bool flushing = left == 0;;) {
    char* to = buffer.data();
    std::size_t room = buffer.size();
    const auto result =
        iconv(handle_, flushing ? nullptr : &from, flushing ? nullptr : &left, &to, &room);
    const int error = errno;
    out.append(buffer.data(), buffer.size() - room);
    if (result == static_cast<std::size_t>(-1) && error != E2BIG) {
      if (error == EINVAL && damage != Damage::replaced && damage != Damage::refused) return out;
      if (damage == Damage::refused || damage == Damage::refused_but_at_the_end) return {};
      // Invalid, or cut off at the end: one octet is given up and conversion goes on behind it.
      if (flushing || left == 0) return out;
      out += replacement;
      ++from;
      --left;
    } else if (result != static_cast<std::size_t>(-1) && flushing) {
      return out;
    }
    flushing = left == 0;
  }
}

/// Opening costs tens of microseconds and a subject line can name a charset thousands of times.
/// One set a thread, since a converter has state; bounded by the lists above.
Converter* open_converter(std::string_view name) {
  thread_local std::map<std::string, Converter, std::less<>> open;
  auto found = open.find(name);
  if (found == open.end()) {
    const std::string key(name);
    found = open.emplace(std::piecewise_construct, std::forward_as_tuple(key),
                         std::forward_as_tuple(key))
                .first;
  }
  return found->second.usable() ? &found->second : nullptr;
}

Converter* converter_for(std::string_view charset) {
  const std::string_view name = alias_of(charset);
  return name.empty() ? nullptr : open_converter(name);
}

Converter* exact_converter(std::string_view name) {
  return std::ranges::find(exact_converters, name) == exact_converters.end() ? nullptr
                                                                             : open_converter(name);
}

bool has_fixed_units(std::string_view converter) {
  return converter.starts_with("UTF-16") || converter.starts_with("UTF-32") ||
         converter.starts_with("UCS-2");
}

std::string from_latin1(std::string_view octets) {
  std::string out;
  out.reserve(octets.size() + octets.size() / 4);
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xc0 | (octet >> 6));
      out += static_cast<char>(0x80 | (octet & 0x3f));
    }
  }
  return out;
}

/// UTF-8 with some damage: what is valid stays.
std::string repaired(std::string_view octets) {
  std::string out;
  while (!octets.empty()) {
    const auto lead = static_cast<unsigned char>(octets.front());
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const auto piece = octets.substr(0, length);
    if (piece.size() == length && valid_utf8(piece)) {
      out += piece;
      octets.remove_prefix(length);
    } else {
      out += replacement;
      octets.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace

std::string to_utf8(std::string_view octets, std::string_view charset) {
  const std::string name = to_lower(trim(charset));
  if (Converter* converter = converter_for(name)) return converter->convert(octets);
  if (valid_utf8(octets)) return std::string(octets);
  return name == "utf-8" || name == "utf8" ? repaired(octets) : from_latin1(octets);
}

std::optional<std::string> convert_strictly(std::string_view octets, std::string_view converter) {
  using enum Converter::Damage;
  Converter* exact = exact_converter(converter);
  if (!exact) return {};
  return exact->run(octets, has_fixed_units(converter) ? refused : refused_but_at_the_end);
}

std::optional<std::string> convert_leniently(std::string_view octets, std::string_view converter) {
  Converter* exact = exact_converter(converter);
  if (!exact) return {};
  return exact->run(octets, Converter::Damage::replaced_but_at_the_end);
}

void preload_charsets() {
  for (const auto& alias : aliases) open_converter(alias.converter);
  for (const auto name : exact_converters) open_converter(name);
}

}  // namespace postern
