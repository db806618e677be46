// dcc.cc — how often a message's checksums were reported to DCC's servers, by way of dccifd.
//
// It reports and judges nothing: check_dcc and its kin in the rules do (dcc_body_max). dccifd gets
// what SpamAssassin gives it: the client and its name, HELO, no sender, no recipients.
#include <fmt/format.h>

#include "filters/checksum_findings.h"
#include "filters/local_service.h"

namespace postern {

extern const FilterType dcc_filter;

namespace {

constexpr std::size_t largest_answer = 16U << 10;

/// A line of what dccifd is told: what ends a line cannot be in it.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= ' ') out += c;
  }
  return out;
}

class DccFilter final : public Filter {
 public:
  explicit DccFilter(std::string socket) : socket_(std::move(socket)) {}

  Task<Answer> on_message(Context context, Message message) override {
    const auto& client = context.evidence.connection;
    std::string name;
    if (client.client_name != "unknown") name = "\r" + one_line(client.client_name);
    auto opening = fmt::format("cksums grey-off\n{}{}\n{}\n\nunknown\n\n",
                               one_line(client.client.host), name, one_line(context.evidence.helo));
    CO_TRY(auto answer,
           co_await ask_local_service(context.loop, socket_, std::move(opening), std::move(message),
                                      largest_answer, context.deadline));
    CO_TRY(auto report, read_dcc_answer(answer));
    Opinion out;
    out.findings.push_back(finding_of(report));
    co_return out;
  }

 private:
  std::string socket_;
};

class DccFactory final : public FilterFactory {
 public:
  explicit DccFactory(std::string socket) : socket_(std::move(socket)) {}
  std::unique_ptr<Filter> make() const override { return std::make_unique<DccFilter>(socket_); }
  bool answers(Stage stage) const override { return stage == Stage::message; }

 private:
  std::string socket_;
};

std::shared_ptr<const FilterFactory> configure(Keys& keys) {
  std::string socket = "/var/dcc/dccifd";
  describe_socket(keys, socket, "dccifd's Unix socket.");
  return std::make_shared<DccFactory>(std::move(socket));
}

}  // namespace

const FilterType dcc_filter{
    .name = "dcc",
    .help =
        "Asks DCC by dccifd how often a message's checksums were reported, for the rules that "
        "use it (check_dcc): put it in front of score.",
    .placement = Placement::gateway,
    .configure = configure,
};

}  // namespace postern
