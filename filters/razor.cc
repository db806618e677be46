// razor.cc — whether Razor's servers know a message as spam, by way of a service that runs Razor's
// client for each connection: the gateway starts no programs. contrib/razor has it.
//
// It reports and judges nothing: check_razor2 and check_razor2_range in the rules do.
#include "filters/checksum_findings.h"
#include "filters/local_service.h"

namespace postern {

extern const FilterType razor_filter;

namespace {

constexpr std::size_t largest_answer = 256;

class RazorFilter final : public Filter {
 public:
  explicit RazorFilter(std::string socket) : socket_(std::move(socket)) {}

  Task<Answer> on_message(Context context, Message message) override {
    CO_TRY(auto answer, co_await ask_local_service(context.loop, socket_, "", std::move(message),
                                                   largest_answer, context.deadline));
    CO_TRY(auto report, read_razor_answer(answer));
    Opinion out;
    out.findings.push_back(finding_of(report));
    co_return out;
  }

 private:
  std::string socket_;
};

class RazorFactory final : public FilterFactory {
 public:
  explicit RazorFactory(std::string socket) : socket_(std::move(socket)) {}
  std::unique_ptr<Filter> make() const override { return std::make_unique<RazorFilter>(socket_); }
  bool answers(Stage stage) const override { return stage == Stage::message; }

 private:
  std::string socket_;
};

std::shared_ptr<const FilterFactory> configure(Keys& keys) {
  std::string socket = "/run/postern-razor.socket";
  describe_socket(keys, socket,
                  "The Unix socket behind which contrib/razor runs razor-check for a message.");
  return std::make_shared<RazorFactory>(std::move(socket));
}

}  // namespace

const FilterType razor_filter{
    .name = "razor",
    .help =
        "Asks Razor's client behind a socket whether a message is known as spam, for the rules "
        "that use it (check_razor2): put it in front of score.",
    .placement = Placement::gateway,
    .configure = configure,
};

}  // namespace postern
