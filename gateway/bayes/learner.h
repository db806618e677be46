// learner.h — what a running gateway learns unasked, written by a thread of its own.
//
// Session loops hand lessons over and go on: take() holds a lock for as long as it takes to put a
// pointer into a line. The thread gathers for some seconds and writes all in one commit, which is a
// write to disk and keeps its distance from others (token_database.h). Lessons are no mail: where
// the line is full, the database is not writable or the gateway is killed, some are lost, counted,
// and nothing else happens. Learning from the command line at the same time is safe: writers wait
// for each other.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "rules/bayes/lesson.h"

namespace postern {

struct LearnerPace {
  /// How long lessons are gathered before they are written.
  std::chrono::milliseconds gather{2000};
  /// The distance of commits; 0 for tests.
  std::chrono::milliseconds commits{1000};
  /// Lessons and their tokens that may wait: 16 MiB at most.
  std::size_t most_waiting = 2000;
  std::size_t most_tokens_waiting = 2'000'000;
};

/// Learns into one database. The thread is started by the first lesson.
class Learner {
 public:
  explicit Learner(LearningPlace place, LearnerPace pace = {});
  ~Learner();  // close(), without patience
  Learner(const Learner&) = delete;
  Learner& operator=(const Learner&) = delete;

  /// What a reload may change: the bounds, not the folder.
  void configure(const LearningPlace& place);
  /// In any thread. False: there was no room, and the lesson is lost.
  bool take(std::shared_ptr<const AutoLesson> lesson);
  /// Writes what waits and ends; what takes longer than `patience` goes on in the background.
  void close(std::chrono::milliseconds patience);

 private:
  struct Line;
  std::shared_ptr<Line> line_;
};

/// One learner a database: LMDB wants a file to be open once in a process.
class Learners {
 public:
  std::shared_ptr<Learner> of(const LearningPlace& place);
  void close(std::chrono::milliseconds patience);

 private:
  std::mutex lock_;
  std::map<std::string, std::shared_ptr<Learner>> learners_;  // by folder
};

}  // namespace postern
