#include "gateway/bayes/learner.h"

#include <condition_variable>
#include <ctime>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/base/log.h"
#include "gateway/base/metrics.h"
#include "gateway/bayes/expiry.h"
#include "gateway/bayes/learning.h"
#include "gateway/bayes/token_database.h"

namespace postern {
namespace {

constexpr Event learning_fails{
    "bayes-learning-fails", Level::error,
    "Messages that the rules are sure of cannot be learnt: error= says why. The database and its "
    "folder must belong to mail_owner; bayes_auto_learn 0 in the rules switches learning off."};
constexpr Event learning_works{"bayes-learning-works", Level::info,
                               "Messages are learnt again; those of the meantime are not."};
constexpr Event tokens_expired{"bayes-tokens-expired", Level::info,
                               "The Bayes database was full: tokens of long ago were removed."};

Counter& learnt_counter(bool spam) {
  return counter("postern_bayes_learnt_total", "Messages that were learnt without being asked for.",
                 {{"kind", spam ? "spam" : "ham"}});
}
Counter& lost_counter(const char* reason) {
  return counter("postern_bayes_lessons_lost_total",
                 "Messages that should have been learnt, and were not.", {{"reason", reason}});
}

/// As SpamAssassin: a pass over all tokens that frees nothing is not repeated all day.
constexpr std::time_t least_between_expiries = 12 * 3600;

using Lessons = std::vector<std::shared_ptr<const AutoLesson>>;

/// What was learnt of a batch, for the metrics.
struct Learned {
  std::uint64_t spam = 0;
  std::uint64_t ham = 0;
};

}  // namespace

/// What the thread and those who hand lessons over share; the thread may outlive the Learner.
struct Learner::Line {
  Line(LearningPlace place, LearnerPace given) : place_(std::move(place)), pace(given) {}

  void run();
  bool next(Lessons& into, LearningPlace& place);
  void write(const Lessons& lessons, const LearningPlace& place);
  Result<Learned> write_all(const Lessons& lessons, const LearningPlace& place) const;
  Result<> expire(TokenDatabase::Change& change, const LearningPlace& place) const;

  std::mutex lock;
  std::condition_variable changed;
  LearningPlace place_;
  const LearnerPace pace;
  Lessons waiting;
  std::size_t tokens_waiting = 0;
  bool running = false;
  bool closing = false;

  bool failing = false;  // of the thread alone
};

/// False at the end, when nothing waits any more.
bool Learner::Line::next(Lessons& into, LearningPlace& place) {
  std::unique_lock guard(lock);
  changed.wait(guard, [this] { return closing || !waiting.empty(); });
  const auto until = std::chrono::steady_clock::now() + pace.gather;
  changed.wait_until(guard, until, [this] {
    return closing || waiting.size() * 2 >= pace.most_waiting ||
           tokens_waiting * 2 >= pace.most_tokens_waiting;
  });
  into = std::exchange(waiting, {});
  tokens_waiting = 0;
  place = place_;
  return !into.empty();
}

void Learner::Line::run() {
  Lessons lessons;
  LearningPlace place;
  while (next(lessons, place)) write(lessons, place);
  const std::lock_guard guard(lock);
  running = false;
  changed.notify_all();
}

void Learner::Line::write(const Lessons& lessons, const LearningPlace& place) {
  const auto done = write_all(lessons, place);
  if (!done) {
    lost_counter("failed").add(lessons.size());
    if (!std::exchange(failing, true))
      log(learning_fails, {{"database", place.database}, {"error", done.error().what}});
    return;
  }
  if (std::exchange(failing, false)) log(learning_works, {{"database", place.database}});
  learnt_counter(true).add(done->spam);
  learnt_counter(false).add(done->ham);
}

/// The database is opened each time, so that one that is put in its place is the one that learns.
Result<Learned> Learner::Line::write_all(const Lessons& lessons, const LearningPlace& place) const {
  Learned learned;
  TRY(auto database,
      TokenDatabase::open(place.database, TokenDatabase::Access::write, pace.commits));
  TRY(auto change, database.begin());
  for (const auto& lesson : lessons) {
    TRY(const bool anew, learn_unasked(change, *lesson));
    if (anew) ++(lesson->spam ? learned.spam : learned.ham);
  }
  TRY(expire(change, place));
  TRY(change.commit());
  return learned;
}

Result<> Learner::Line::expire(TokenDatabase::Change& change, const LearningPlace& place) const {
  if (!place.expire) return {};
  TRY(const auto tokens, change.tokens());
  TRY(const auto state, change.state());
  const auto now = static_cast<std::uint64_t>(std::time(nullptr));
  if (static_cast<double>(tokens) <= place.most_tokens ||
      now < state.last_expiry + least_between_expiries)
    return {};
  TRY(const auto expiry, expire_tokens(change, place.most_tokens, now));
  if (expiry.removed > 0) {
    log(tokens_expired,
        {{"database", place.database}, {"removed", expiry.removed}, {"kept", expiry.kept}});
  }
  return {};
}

Learner::Learner(LearningPlace place, LearnerPace pace)
    : line_(std::make_shared<Line>(std::move(place), pace)) {}

Learner::~Learner() { close(std::chrono::milliseconds(0)); }

void Learner::configure(const LearningPlace& place) {
  const std::lock_guard guard(line_->lock);
  line_->place_ = place;
}

bool Learner::take(std::shared_ptr<const AutoLesson> lesson) {
  Line& line = *line_;
  const std::lock_guard guard(line.lock);
  const std::size_t tokens = lesson->lesson.tokens.size();
  if (line.closing || line.waiting.size() >= line.pace.most_waiting ||
      line.tokens_waiting + tokens > line.pace.most_tokens_waiting) {
    lost_counter("line_full").add();
    return false;
  }
  line.tokens_waiting += tokens;
  line.waiting.push_back(std::move(lesson));
  if (!std::exchange(line.running, true)) std::thread([line = line_] { line->run(); }).detach();
  line.changed.notify_all();
  return true;
}

void Learner::close(std::chrono::milliseconds patience) {
  std::unique_lock guard(line_->lock);
  line_->closing = true;
  line_->changed.notify_all();
  line_->changed.wait_for(guard, patience, [this] { return !line_->running; });
}

std::shared_ptr<Learner> Learners::of(const LearningPlace& place) {
  const auto folder = std::filesystem::path(place.database + "/").lexically_normal().string();
  const std::lock_guard guard(lock_);
  auto& learner = learners_[folder];
  if (learner) {
    learner->configure(place);
  } else {
    learner = std::make_shared<Learner>(place);
  }
  return learner;
}

void Learners::close(std::chrono::milliseconds patience) {
  const std::lock_guard guard(lock_);
  for (const auto& [folder, learner] : learners_) learner->close(patience);
}

}  // namespace postern
