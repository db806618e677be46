#include "rules/evals/mail_date.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                  "jul", "aug", "sep", "oct", "nov", "dec"};

struct Zone {
  std::string_view name;
  int offset;  // as written behind a date: hours times 100, and minutes
};

// Where two zones share a name, the one of RFC 2822 or the more common one.
constexpr std::array zones{
    Zone{"UT", 0},      Zone{"UTC", 0},     Zone{"NDT", -230},   Zone{"AST", -400},
    Zone{"ADT", -300},  Zone{"NST", -330},  Zone{"EST", -500},   Zone{"EDT", -400},
    Zone{"CST", -600},  Zone{"CDT", -500},  Zone{"MST", -700},   Zone{"MDT", -600},
    Zone{"PST", -800},  Zone{"PDT", -700},  Zone{"HST", -1000},  Zone{"AKST", -900},
    Zone{"AKDT", -800}, Zone{"HADT", -900}, Zone{"HAST", -1000}, Zone{"GMT", 0},
    Zone{"BST", 100},   Zone{"IST", 100},   Zone{"WET", 0},      Zone{"WEST", 100},
    Zone{"CET", 100},   Zone{"CEST", 200},  Zone{"EET", 200},    Zone{"EEST", 300},
    Zone{"MSK", 300},   Zone{"MSD", 400},   Zone{"MET", 100},    Zone{"MEZ", 100},
    Zone{"MEST", 200},  Zone{"MESZ", 200},  Zone{"BRST", -200},  Zone{"BRT", -300},
    Zone{"AEST", 1000}, Zone{"AEDT", 1100}, Zone{"ACST", 930},   Zone{"ACDT", 1030},
    Zone{"AWST", 800},  Zone{"NZST", 1200}, Zone{"NZDT", 1300},  Zone{"JST", 900},
    Zone{"KST", 900},   Zone{"HKT", 800},   Zone{"SGT", 800},    Zone{"PHT", 800},
    Zone{"IDT", 300},
};

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

/// Counted from 1; 0 for a word that is no month.
unsigned month_of(std::string_view word) {
  const auto found = std::ranges::find_if(
      months, [word](std::string_view name) { return equals_ignoring_case(name, word); });
  return found == months.end() ? 0 : static_cast<unsigned>(found - months.begin()) + 1;
}

/// Digits of any length; far beyond what a date has, all numbers are the same.
int number(std::string_view digits) {
  return static_cast<int>(parse_number(digits, 1'000'000).value_or(1'000'000));
}

/// RFC 2822 §4.3, for years of two and three digits.
int full_year(std::string_view digits) {
  const int year = number(digits);
  if (digits.size() == 2 && year < 50) return year + 2000;
  return digits.size() == 4 ? year : year + 1900;
}

bool is_clock(std::string_view word) {
  const auto pieces = split(word, ':');
  const auto two = [](std::string_view p) { return p.size() == 2 && all_digits(p); };
  if (pieces.size() < 2 || pieces.size() > 3 || pieces[0].size() > 2 || !all_digits(pieces[0]))
    return false;
  return two(pieces[1]) && (pieces.size() == 2 || two(pieces[2]));
}

bool is_offset(std::string_view word) {
  return word.size() == 5 && (word[0] == '-' || word[0] == '+') && all_digits(word.substr(1));
}

/// The words of a date as they are read one kind after the other, each taken away when read: what
/// stood before and behind it becomes one neighbour of the other.
class DateWords {
 public:
  explicit DateWords(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
      const auto end = std::min(text.find_first_of(" \t\r\n\f\v,", i), text.size());
      if (end > i) words_.push_back(text.substr(i, end - i));
      i = end + 1;
    }
  }

  bool take_day() {
    return take_three([this](auto a, auto b, auto c) { return day_first(a, b, c, 4, 4); }) ||
           take_asctime() ||
           take_three([this](auto a, auto b, auto c) { return day_first(a, b, c, 2, 3); });
  }

  void take_clock() {
    const auto word = std::ranges::find_if(words_, is_clock);
    if (word == words_.end()) return;
    const auto pieces = split(*word, ':');
    hour = std::min(number(pieces[0]), 23);
    minute = std::min(number(pieces[1]), 59);
    second = pieces.size() == 3 ? std::min(number(pieces[2]), 59) : 0;
    words_.erase(word);
  }

  void take_zone() {
    if (const auto word = std::ranges::find_if(words_, is_offset); word != words_.end()) {
      const int written = number(word->substr(1));
      offset = word->front() == '-' ? -written : written;
      return;
    }
    for (const auto word : words_) {
      if (const auto name = zone_name(word); !name.empty()) {
        const auto found = std::ranges::find(zones, name, &Zone::name);
        if (found != zones.end()) offset = found->offset;
        return;
      }
    }
  }

  int year = 0, day = 0, hour = 0, minute = 0, second = 0;
  unsigned month = 0;
  int offset = 0;

 private:
  template <class Accepts>
  bool take_three(Accepts accepts) {
    for (std::size_t i = 0; i + 2 < words_.size(); ++i) {
      if (!accepts(words_[i], words_[i + 1], words_[i + 2])) continue;
      words_.erase(words_.begin() + static_cast<std::ptrdiff_t>(i),
                   words_.begin() + static_cast<std::ptrdiff_t>(i + 3));
      return true;
    }
    return false;
  }

  bool day_first(std::string_view d, std::string_view m, std::string_view y, std::size_t shortest,
                 std::size_t longest) {
    if (!all_digits(d) || !all_digits(y) || y.size() < shortest || y.size() > longest) return false;
    month = month_of(m);
    if (month == 0) return false;
    day = number(d);
    year = full_year(y);
    return true;
  }

  /// "Nov 21 08:15:02 2026"; its clock goes with it, so that such a date is read as midnight.
  bool take_asctime() {
    for (std::size_t i = 0; i + 3 < words_.size(); ++i) {
      const auto clock = split(words_[i + 2], ':');
      month = month_of(words_[i]);
      if (month == 0 || !all_digits(words_[i + 1]) || clock.size() != 3 ||
          !std::ranges::all_of(clock, all_digits) || words_[i + 3].size() != 4 ||
          !all_digits(words_[i + 3]))
        continue;
      day = number(words_[i + 1]);
      year = number(words_[i + 3]);
      words_.erase(words_.begin() + static_cast<std::ptrdiff_t>(i),
                   words_.begin() + static_cast<std::ptrdiff_t>(i + 4));
      return true;
    }
    return false;
  }

  /// The first run of two to four capitals that is a word by itself, also within "(EST)"; with
  /// "-DST" behind it, which no zone of the table has.
  static std::string_view zone_name(std::string_view word) {
    const auto letter = [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; };
    for (std::size_t i = 0; i < word.size();) {
      if (!letter(word[i])) {
        ++i;
        continue;
      }
      std::size_t end = i;
      while (end < word.size() && letter(word[end])) ++end;
      const auto run = word.substr(i, end - i);
      const bool capitals = std::ranges::all_of(run, [](char c) { return c >= 'A' && c <= 'Z'; });
      if (run.size() >= 2 && run.size() <= 4 && capitals) {
        const auto rest = word.substr(end);
        const bool summer = rest.starts_with("-DST") && (rest.size() == 4 || !letter(rest[4]));
        return summer ? word.substr(i, run.size() + 4) : run;
      }
      i = end;
    }
    return {};
  }

  std::vector<std::string_view> words_;
};

bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in(unsigned month, int year) {
  if (month == 2) return is_leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Days since 1970 of a date in 1970 to 2037.
std::int64_t days_since_1970(int year, unsigned month, int day) {
  std::int64_t days = day - 1;
  for (int y = 1970; y < year; ++y) days += is_leap(y) ? 366 : 365;
  for (unsigned m = 1; m < month; ++m) days += days_in(m, year);
  return days;
}

/// How long "25 Nov 2015 01:00:00 +0000" at the start of a text is; 0 for a text that starts
/// otherwise. Month and zone may be any octets but white space.
std::size_t date_length(std::string_view text) {
  std::size_t at = 0;
  const auto some = [&](auto kind) {
    const auto start = at;
    while (at < text.size() && kind(text[at])) ++at;
    return at - start;
  };
  const auto octet = [&](char wanted) {
    if (at >= text.size() || text[at] != wanted) return false;
    ++at;
    return true;
  };
  const auto visible = [](char c) { return !is_space(c); };
  const bool day = some(is_digit) > 0 && octet(' ') && some(visible) == 3 && octet(' ') &&
                   some(is_digit) > 0 && octet(' ');
  const bool clock = day && some(is_digit) > 0 && octet(':') && some(is_digit) > 0 && octet(':') &&
                     some(is_digit) > 0 && octet(' ');
  return clock && some(visible) > 0 ? at : 0;
}

}  // namespace

std::optional<std::int64_t> parse_mail_date(std::string_view text) {
  DateWords date(text);
  if (!date.take_day()) return {};
  date.take_clock();
  date.take_zone();

  if (date.day > days_in(date.month, date.year)) {
    date.day = 1;
    if (++date.month > 12) {
      date.month = 1;
      ++date.year;
    }
  }
  if (date.day == 0) return {};
  date.year = std::clamp(date.year, 1970, 2037);
  if (date.day > days_in(date.month, date.year)) return {};  // 29 February, moved to another year

  const std::int64_t local = days_since_1970(date.year, date.month, date.day) * 86'400 +
                             date.hour * 3600 + date.minute * 60 + date.second;
  const int size = std::abs(date.offset);
  const std::int64_t shift = (size / 100 * 60 + size % 100) * 60;
  return date.offset < 0 ? local + shift : std::max<std::int64_t>(local - shift, 0);
}

std::string_view date_in_received(std::string_view field) {
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (!is_space(field[i])) continue;
    const auto behind = field.substr(i + 1);
    // One octet more may stand in front of the day.
    if (!behind.empty() && behind.front() != '\n') {
      if (const auto length = date_length(behind.substr(1)); length > 0)
        return field.substr(i, length + 2);
    }
    if (const auto length = date_length(behind); length > 0) return field.substr(i, length + 1);
  }
  return {};
}

}  // namespace postern
