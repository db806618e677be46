#include "rules/evals/locales.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

struct Language {
  std::string_view code;
  std::string_view charsets;  // names without punctuation, each with a blank on both sides
};

constexpr std::string_view japanese =
    " EUCJP JISX020119760 JISX020819830 JISX020819900 JISX020819970 JISX021219900 JISX021320001 "
    "JISX021320002 SHIFTJIS ISO2022JP SJIS JIS7 JISX0201 JISX0208 JISX0212 ";
constexpr std::string_view korean = " EUCKR KSC56011987 ";
constexpr std::string_view cyrillic = " KOI8R KOI8U KOI8T ISOIR111 CP1251 GEORGIANPS PT154 CP866 ";
constexpr std::string_view thai = " TIS620 ";
constexpr std::string_view chinese =
    " GB1988 GB2312 GB231219800 GB18030 GBK BIG5HKSCS BIG5 EUCTW ISO2022CN ";

constexpr std::array languages{
    Language{"ja", japanese}, Language{"ko", korean},   Language{"ru", cyrillic},
    Language{"ka", cyrillic}, Language{"tg", cyrillic}, Language{"be", cyrillic},
    Language{"uk", cyrillic}, Language{"bg", cyrillic}, Language{"th", thai},
    Language{"zh", chinese},
};

/// Capitals and digits of a name, as much as is compared; "3D" in front is a torn "=3D".
std::string plain_name(std::string_view charset) {
  std::string name;
  for (const char c : charset) {
    if (is_digit(c)) name += c;
    if (is_alpha(c)) name += static_cast<char>(lower(c) - 32);
  }
  if (name.starts_with("3D")) name.erase(0, 2);
  return name;
}

bool is_everyones(std::string_view name) {
  static constexpr std::array<std::string_view, 5> names{"USASCII", "ASCII", "IBM852", "XUNKNOWN",
                                                         "ISO"};
  static constexpr std::array<std::string_view, 8> families{
      "ISO8859", "ISO10646", "UTF", "UCS", "CP125", "WINDOWS", "UNICODE11UTF7", "UNICODE11UTF8"};
  return std::ranges::find(names, name) != names.end() ||
         std::ranges::any_of(families, [name](auto family) { return name.starts_with(family); });
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

Locales::Locales(std::string_view ok_locales) {
  for (const auto word : words(ok_locales)) {
    if (word == "all") all_ = true;
    // "zh_TW" and "zh.big5" are "zh".
    const bool coded = word.size() >= 2 && is_lower(word[0]) && is_lower(word[1]);
    languages_.emplace_back(coded ? word.substr(0, 2) : word);
  }
}

bool Locales::allow(std::string_view charset) const {
  const auto name = plain_name(charset);
  if (is_everyones(name)) return true;
  const auto wanted = ' ' + name + ' ';
  return std::ranges::any_of(languages, [&](const Language& language) {
    return std::ranges::find(languages_, language.code) != languages_.end() &&
           language.charsets.find(wanted) != std::string_view::npos;
  });
}

bool reads_as_capitals(std::string_view charset) {
  static constexpr std::array<std::string_view, 11> marks{
      "koi",   "jp",     "jis",          "euc",        "gb",   "big5",
      "isoir", "cp1251", "windows-1251", "georgianps", "pt154"};
  const auto name = to_lower(charset);
  return name.find("tis") != std::string::npos || std::ranges::any_of(marks, [&](auto mark) {
           return name.find(mark) != std::string::npos;
         });
}

}  // namespace postern
