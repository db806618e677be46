// pattern_bench.cc — what the patterns of a rule set cost over the texts of real messages.
//
//     pattern_bench RULES TEXTS [off|hits|full]
//
// RULES: a line a pattern: name TAB class TAB flags TAB pattern (Perl's, without delimiters).
// TEXTS: a line a message and class: message TAB class TAB subject TAB subject …; in both, tab,
// line feed, carriage return, NUL and backslash are written \t \n \r \0 \\. Prints CPU
// microseconds a message for each class, the first pass over the texts and the best of three more;
// "off": without filter; "hits": instead, every rule that hits with its count; "full": with spans.
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/patterns/pattern_index.h"

using namespace postern;

namespace {

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
  }
  return out;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double resident_megabytes() {
  std::ifstream status("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  status >> total >> resident;
  return static_cast<double>(resident) * 4096 / 1e6;
}

struct Class {
  std::vector<std::string> names;
  std::vector<std::unique_ptr<Regex>> regexes;
  std::vector<IndexedPattern> patterns;
  PatternIndex index;
  double first = 0;
  double best = 1e9;
  std::size_t octets = 0;
};

struct Text {
  std::string message;
  std::string of;
  std::vector<std::string> subjects;
};

unsigned bound_of(const std::string& flags, bool full) {
  if (full) return 200;
  if (flags.find("multiple") == std::string::npos) return 1;
  const auto at = flags.find("maxhits=");
  return at == std::string::npos ? 10'000U
                                 : static_cast<unsigned>(std::stoul(flags.substr(at + 8)));
}

std::map<std::string, Class> read_rules(const char* path, bool full) {
  std::map<std::string, Class> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto fields = split(line, '\t');
    auto& in = out[std::string(fields.at(1))];
    auto made = Regex::compile("m{" + unescaped(fields.at(3)) + "}");
    if (!made) {
      std::cerr << fields[0] << ": " << made.error().what << '\n';
      continue;
    }
    const std::string flags(fields.at(2));
    in.regexes.push_back(std::make_unique<Regex>(std::move(*made)));
    in.patterns.push_back({.rule = static_cast<std::uint32_t>(in.names.size()),
                           .regex = in.regexes.back().get(),
                           .most = bound_of(flags, full),
                           .skip_first = !full && flags.find("nosubject") != std::string::npos});
    in.names.emplace_back(fields[0]);
  }
  return out;
}

std::vector<Text> read_texts(const char* path) {
  std::vector<Text> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto fields = split(line, '\t');
    Text text{std::string(fields.at(0)), std::string(fields.at(1)), {}};
    for (std::size_t i = 2; i < fields.size(); ++i) text.subjects.push_back(unescaped(fields[i]));
    out.push_back(std::move(text));
  }
  return out;
}

struct Bench {
  std::map<std::string, Class> classes;
  std::vector<Text> texts;
  Matcher matcher;
  PatternScratch scratch;
  PatternHits hits;
  std::size_t found = 0;
  std::size_t limited = 0;

  void scan(Class& with, const Text& text) {
    const std::vector<std::string_view> subjects(text.subjects.begin(), text.subjects.end());
    hits.matches.clear();
    hits.limited.clear();
    with.index.scan(subjects, matcher, scratch, [](std::uint32_t) { return false; }, hits);
  }

  void time() {
    for (int round = 0; round < 4; ++round) {
      std::map<std::string, double> spent;
      for (const auto& text : texts) {
        const auto in = classes.find(text.of);
        if (in == classes.end()) continue;
        const double before = cpu_seconds();
        scan(in->second, text);
        spent[text.of] += cpu_seconds() - before;
        found += hits.matches.size();
        limited += hits.limited.size();
        if (round > 0) continue;
        for (const auto& subject : text.subjects) in->second.octets += subject.size();
      }
      for (const auto& [name, seconds] : spent) {
        auto& in = classes[name];
        if (round == 0) in.first = seconds;
        in.best = std::min(in.best, seconds);
      }
    }
  }

  void print_times(std::size_t messages) {
    const double count = static_cast<double>(messages);
    double headers_first = 0;
    double headers_best = 0;
    double all = 0;
    for (const auto& [name, in] : classes) {
      if (in.best > 1e8) continue;
      all += in.best;
      const bool header = name.starts_with("hdr:");
      headers_first += header ? in.first : 0;
      headers_best += header ? in.best : 0;
      if (header && in.best / count * 1e6 < 2) continue;
      fmt::print(
          "{:28} {:4} patterns {:3} unfiltered {:7.0f} octets {:8.1f} first {:8.1f} best us\n",
          name, in.index.size(), in.index.unfiltered(), static_cast<double>(in.octets) / count,
          in.first / count * 1e6, in.best / count * 1e6);
    }
    fmt::print("headers in all: first {:.1f} best {:.1f} us; all classes {:.1f} us a message\n",
               headers_first / count * 1e6, headers_best / count * 1e6, all / count * 1e6);
    fmt::print("matches {} limited {}\n", found / 4, limited / 4);
  }

  void print_hits(bool full) {
    for (const auto& text : texts) {
      const auto in = classes.find(text.of);
      if (in == classes.end()) continue;
      scan(in->second, text);
      std::map<std::uint32_t, std::vector<PatternHit>> by_rule;
      for (const auto& hit : hits.matches) by_rule[hit.rule].push_back(hit);
      for (const auto& [rule, matches] : by_rule) {
        fmt::print("{}\t{}\t{}\t", text.message, text.of, in->second.names[rule]);
        if (!full) fmt::print("{}", matches.size());
        for (std::size_t i = 0; full && i < matches.size(); ++i) {
          const auto& hit = matches[i];
          fmt::print("{}{}:{}-{}", i == 0 ? "" : " ", hit.subject, hit.span.from, hit.span.to);
        }
        fmt::print("\n");
      }
      for (const auto rule : hits.limited) {
        std::cerr << "limit " << text.message << ' ' << in->second.names[rule] << '\n';
      }
    }
  }
};

}  // namespace

int main(int count, char** words) {
  if (count < 3) {
    std::cerr << "pattern_bench RULES TEXTS [off|hits|full|off+hits|off+full]\n";
    return 2;
  }
  const std::string mode = count > 3 ? words[3] : "";
  const bool full = mode.find("full") != std::string::npos;
  const bool off = mode.starts_with("off");
  Bench bench;
  double before = cpu_seconds();
  bench.classes = read_rules(words[1], full);
  std::cerr << fmt::format("read and compiled in {:.3f} s CPU, {:.1f} MB\n", cpu_seconds() - before,
                           resident_megabytes());
  before = cpu_seconds();
  for (auto& [name, in] : bench.classes) {
    in.index = PatternIndex::build(
        in.patterns, off ? PatternIndex::Filtering::off : PatternIndex::Filtering::on);
  }
  std::cerr << fmt::format("indexed in {:.3f} s CPU, {:.1f} MB\n", cpu_seconds() - before,
                           resident_megabytes());
  bench.texts = read_texts(words[2]);
  if (mode.ends_with("hits") || full) {
    bench.print_hits(full);
    return 0;
  }
  std::map<std::string, int> messages;
  for (const auto& text : bench.texts) messages[text.message] = 1;
  bench.time();
  bench.print_times(messages.size());
}
