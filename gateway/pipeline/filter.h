// filter.h — the contract of everything that may be asked of a message.
//
// A filter has up to five questions and overrides those that it answers. One object serves one
// session; settings are parsed once, shared and const. It reports and never acts. Deadline,
// failure, observe mode, metrics and trace are the chain's business (chain.h), not the filter's.
//
// To add one: filters/x.cc, a line in filters/CMakeLists.txt, tests/filters/x_test.cc.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/base/clock.h"
#include "gateway/base/config.h"
#include "gateway/net/dns.h"
#include "gateway/net/task.h"
#include "gateway/pipeline/evidence.h"
#include "gateway/pipeline/verdict.h"

namespace postern {

enum class Stage : std::uint8_t { connect, helo, mail, rcpt, message };
std::string_view stage_name(Stage stage);

/// The only door to the world. Valid during the question.
struct Context {
  const Evidence& evidence;
  Loop& loop;
  Resolver& dns;
  const Clock& clock;
  SteadyTime deadline;  // every wait inside the filter ends here
};

/// An error instead of an opinion: the filter cannot answer (a dead scanner, a map that fails, a
/// deadline). The guard then applies the filter's on_failure. It is for the world's failures only:
/// timed_out, or broken_pipe where a worker died, or anything else.
using Answer = Result<Opinion>;

class Filter {
 public:
  virtual ~Filter() = default;
  virtual Task<Answer> on_connect(Context context);
  virtual Task<Answer> on_helo(Context context);
  virtual Task<Answer> on_mail(Context context);
  /// The recipient asked about; those accepted before are in the evidence.
  virtual Task<Answer> on_rcpt(Context context, RecipientFacts recipient);
  virtual Task<Answer> on_message(Context context, Message message);
};

/// Parsed settings, shared by all sessions of a configuration generation.
class FilterFactory {
 public:
  virtual ~FilterFactory() = default;
  virtual std::unique_ptr<Filter> make() const = 0;
  /// Which questions its filters answer, so that the others cost nothing.
  virtual bool answers(Stage stage) const = 0;
  /// Where the lessons in its filters' answers are to be kept.
  virtual std::optional<LearningPlace> learning() const { return std::nullopt; }
};

/// Where a filter's code may touch hostile octets: its own class is the same everywhere.
enum class Placement : std::uint8_t {
  gateway,      // asks about envelopes, or the network
  scan_worker,  // reads content: in the cage, without network and files
  av_worker,    // libclamav: in the cage, in the executable postern-av
};

/// One line of the registry. `configure` reads the filter's own keys of its table [filter.NAME] and
/// reports what is wrong through keys.problem(); it returns null after a problem.
struct FilterType {
  std::string_view name;
  std::string_view help;  // one sentence for the manual
  Placement placement;
  std::shared_ptr<const FilterFactory> (*configure)(Keys& keys);
  std::string_view default_on_failure = "pass";  // "defer" where passing would be unsafe
};

/// All filters that were built in, in alphabetical order; generated from filters/CMakeLists.txt.
std::span<const FilterType* const> filter_types();
const FilterType* find_filter_type(std::string_view name);

}  // namespace postern
