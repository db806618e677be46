// skeleton.cc — a whole filter to copy: refuses clients that greet with a name without a dot.
//
// (The first lines say what the filter does and why; what follows is the shape of every filter.
// This file is compiled and tested, but it is not in the registry.)
#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "gateway/pipeline/filter.h"

namespace postern {

// The one symbol that leaves this file: NAME_filter, for the registry.
extern const FilterType skeleton_filter;

namespace {

// 1. The settings: what an administrator tunes, with its defaults. Parsed once, then const and
//    shared by the sessions of all threads.
struct Settings {
  std::string advice = "Your HELO must be a full host name";
};

// 2. The filter: one object a session, so members may remember things between questions. It
//    overrides the questions that it answers: on_connect, on_helo, on_mail, on_rcpt, on_message.
class SkeletonFilter final : public Filter {
 public:
  explicit SkeletonFilter(std::shared_ptr<const Settings> settings)
      : settings_(std::move(settings)) {}

  Task<Answer> on_helo(Context context) override {
    // What is known so far is in the evidence; nothing here is ours to change.
    const Evidence& evidence = context.evidence;
    if (evidence.connection.trusted || valid_name(evidence.helo)) co_return Opinion{};

    // An answer is an opinion: the chain merges it with the others', the session acts on it. The
    // reply is for the client, the reason for the log. What came from outside is made printable.
    co_return refuse(Verdict::reject, reply(504, {5, 5, 2}, settings_->advice),
                     "HELO without a dot: " + printable(evidence.helo));
  }

  // A question to the world goes through the context and ends at its deadline:
  //
  //   const auto answer = co_await context.dns.query(name, RecordType::a, context.deadline);
  //   if (answer.status == DnsStatus::failed) co_return fail(std::errc::io_error, answer.error);
  //
  // An error instead of an opinion means "I cannot tell": the administrator's on_failure decides
  // what that does to the mail. It is never a rejection.

 private:
  static bool valid_name(const std::string& helo) {
    return helo.starts_with('[') || (valid_domain(helo) && helo.find('.') != std::string::npos);
  }

  std::shared_ptr<const Settings> settings_;
};

// 3. The factory: makes a filter for each session, and says which questions are worth asking.
class SkeletonFactory final : public FilterFactory {
 public:
  explicit SkeletonFactory(std::shared_ptr<const Settings> settings)
      : settings_(std::move(settings)) {}

  std::unique_ptr<Filter> make() const override {
    return std::make_unique<SkeletonFilter>(settings_);
  }
  bool answers(Stage stage) const override { return stage == Stage::helo; }

 private:
  std::shared_ptr<const Settings> settings_;
};

// 4. The keys of [filter.skeleton]. Each is described once; reading, checking and the manual come
//    from that. What only this filter can check is a problem at the key's place.
std::shared_ptr<const FilterFactory> configure(Keys& keys) {
  auto settings = std::make_shared<Settings>();
  keys.text("advice", settings->advice, "What a refused client is told.");
  if (settings->advice.empty()) {
    keys.problem("advice",
                 "'advice' is empty: a refused client needs a hint to mend its configuration");
    return nullptr;
  }
  return std::make_shared<SkeletonFactory>(std::move(settings));
}

}  // namespace

// 5. The line of the registry. A filter that reads the message's content says scan_worker: its
//    code then runs in the cage, and is written no differently.
const FilterType skeleton_filter{
    .name = "skeleton",
    .help = "Refuses clients that greet with a name without a dot.",
    .placement = Placement::gateway,
    .configure = configure,
};

}  // namespace postern
