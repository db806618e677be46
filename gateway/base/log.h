// log.h — one event a line, key=value, the same keys everywhere.
//
//     2026-11-21T08:15:02.113Z info accepted queue=0d8k3v… client=192.0.2.1 from=<a@b> size=4000
//
// An event is defined once, at the top of the .cc that logs it, with the sentence that tells the
// operator what it means and what to do. Keys in use: session= queue= client= helo= from= to=
// filter= stage= reason= reply= relay= size= delay= error=. Values with blanks or control
// characters are quoted and escaped: a line can never be forged from outside (fault F47). A key
// that has nothing to say is left out: in a storm the log grows by every octet of it.
//
// Lines go to a buffer and from there to standard error by a thread of its own, every 50 ms or
// 64 KiB; warnings and errors at once. When standard error stands still, lines are dropped and
// counted (metric postern_log_dropped_total): mail never waits for the log (fault F16).
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace postern {

enum class Level { debug, info, warning, error };

struct Event {
  std::string_view name;
  Level level;
  std::string_view advice;  // one sentence: what it means and what to do
};

/// A key with its value. Numbers are formatted here, so that callers need not.
struct Field {
  std::string_view key;
  std::string value;

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  template <std::integral Number>
  Field(std::string_view k, Number v) : key(k), value(std::to_string(v)) {}
  /// Two digits behind the point.
  Field(std::string_view k, double v);
};

/// Thread-safe; never blocks on the destination.
void log(const Event& event, std::initializer_list<Field> fields);

/// Events below this level are not formatted at all. Default: info.
void set_log_level(Level least);

/// Writes what is buffered now; called before the process ends and after a fork is planned.
void flush_log();

/// After fork(): the child has no writer thread; lines are written at once from here on.
void log_unbuffered();

}  // namespace postern
