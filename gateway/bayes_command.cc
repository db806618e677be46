#include "gateway/bayes_command.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <optional>

#include "gateway/bayes/expiry.h"
#include "gateway/bayes/learning.h"
#include "gateway/bayes/token_database.h"
#include "gateway/command_input.h"
#include "rules/bayes/backup.h"
#include "rules/bayes/probability.h"
#include "rules/rules.h"

namespace postern {
namespace {

using Access = TokenDatabase::Access;

constexpr std::size_t messages_a_commit = 1000;
constexpr std::size_t messages_a_progress = 1000;

int report(const Error& error) {
  fmt::print(stderr, "postern bayes: {}\n", error.what);
  return cannot_write;
}

/// The settings of the rules decide what tokens are made of.
std::optional<LoadedRules> load_settings(const BayesCommand& command) {
  const auto folders = command.rules.empty() ? shipped_rules() : command.rules;
  LoadedRules loaded = load_rules(folders);
  if (loaded.files.empty()) {
    fmt::print(stderr, "postern bayes: no rule file found; name folders with --rules\n");
    return {};
  }
  print_problems(loaded.problems);
  if (!loaded.problems.empty()) return {};
  return loaded;
}

std::vector<std::string> messages_of(const BayesCommand& command) {
  std::vector<std::string> paths = command.paths;
  if (paths.empty()) {
    for (std::string line; std::getline(std::cin, line);) {
      if (!line.empty()) paths.push_back(line);
    }
  }
  return expand(paths);
}

struct Counts {
  std::size_t anew = 0;
  std::size_t instead = 0;
  std::size_t unchanged = 0;
  std::size_t forgotten = 0;
  std::size_t unreadable = 0;
};

/// Goes over all messages, a transaction for many of them: each commit is a write to disk, and
/// keeps its distance from the last one.
class Lessons {
 public:
  Lessons(const BayesCommand& command, const RuleSettings& settings, TokenDatabase& database)
      : command_(command), settings_(settings), database_(database) {}

  Result<Counts> run(const std::vector<std::string>& files) {
    std::optional<TokenDatabase::Change> change;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!change) {
        TRY(auto begun, database_.begin());
        change.emplace(std::move(begun));
      }
      TRY(one(files[i], *change));
      const bool last = i + 1 == files.size();
      if (last) TRY(expire(*change));
      if (last || (i + 1) % messages_a_commit == 0) {
        TRY(change->commit());
        change.reset();
      }
      if (!last && (i + 1) % messages_a_progress == 0)
        fmt::print(stderr, "postern bayes: {} of {} messages\n", i + 1, files.size());
    }
    return counts_;
  }

 private:
  Result<> one(const std::string& file, TokenDatabase::Change& change) {
    const auto octets = read_file(file);
    if (!octets) {
      fmt::print(stderr, "postern bayes: cannot read {}\n", file);
      ++counts_.unreadable;
      return {};
    }
    const ScanInput input{.octets = *octets};
    ScannedMessage message(input, settings_, matcher_);
    const Lesson lesson = lesson_of(message, std::time(nullptr));
    if (command_.action == "forget") {
      TRY(const bool known, forget(change, lesson));
      ++(known ? counts_.forgotten : counts_.unchanged);
      return {};
    }
    TRY(const Learnt learnt, learn(change, lesson, command_.spam));
    ++(learnt == Learnt::anew      ? counts_.anew
       : learnt == Learnt::instead ? counts_.instead
                                   : counts_.unchanged);
    return {};
  }

  Result<> expire(TokenDatabase::Change& change) const {
    const auto& bayes = settings_.bayes;
    TRY(const auto tokens, change.tokens());
    if (!bayes.expire || static_cast<double>(tokens) <= bayes.most_tokens) return {};
    TRY(const auto expiry,
        expire_tokens(change, bayes.most_tokens, static_cast<std::uint64_t>(std::time(nullptr))));
    if (expiry.removed > 0)
      fmt::print(stderr, "postern bayes: {} old tokens removed, {} kept\n", expiry.removed,
                 expiry.kept);
    return {};
  }

  const BayesCommand& command_;
  const RuleSettings& settings_;
  TokenDatabase& database_;
  Matcher matcher_;
  Counts counts_;
};

int go_over_messages(const BayesCommand& command) {
  const auto loaded = load_settings(command);
  if (!loaded) return bad_configuration;
  auto database = TokenDatabase::open(command.database, Access::write);
  if (!database) return report(database.error());
  const auto counts =
      Lessons(command, loaded->rules->settings(), *database).run(messages_of(command));
  if (!counts) return report(counts.error());
  if (command.action == "forget") {
    fmt::print("forgotten\t{}\n", counts->forgotten);
  } else {
    fmt::print("learnt\t{}\nrelearnt\t{}\n", counts->anew, counts->instead);
  }
  fmt::print("unchanged\t{}\nunreadable\t{}\n", counts->unchanged, counts->unreadable);
  return counts->unreadable > 0 ? no_input : 0;
}

void print_magic(const DatabaseSummary& summary) {
  const auto row = [](std::uint64_t value, std::string_view what) {
    fmt::print("0.000\t0\t{}\t0\tnon-token data: {}\n", value, what);
  };
  row(3, "bayes db version");
  row(summary.state.messages.spam, "nspam");
  row(summary.state.messages.ham, "nham");
  row(summary.tokens, "ntokens");
  row(summary.oldest, "oldest atime");
  row(summary.newest, "newest atime");
  row(0, "last journal sync atime");
  row(summary.state.last_expiry, "last expiry atime");
  row(summary.state.last_age, "last expire atime delta");
  row(summary.state.last_reduction, "last expire reduction count");
}

/// The columns of `sa-learn --dump`, with tabs between them.
Result<> dump(const BayesCommand& command, TokenDatabase& database) {
  TRY(const auto summary, database.summary());
  if (!command.data) print_magic(summary);
  if (command.magic) return {};
  const auto token = [&](Token name, const TokenCounts& counts) -> Result<> {
    const auto probability = token_probability(counts, summary.state.messages, true);
    fmt::print("{:.3f}\t{}\t{}\t{}\t{}\n", probability.value_or(0.5), counts.spam, counts.ham,
               counts.last_used, hex_token(name));
    return {};
  };
  return database.read_all(token, [](std::string_view, bool) -> Result<> { return {}; });
}

Result<> backup(TokenDatabase& database) {
  TRY(const auto summary, database.summary());
  fmt::print("{}", backup_head(summary.state.messages));
  return database.read_all(
      [](Token token, const TokenCounts& counts) -> Result<> {
        fmt::print("{}", backup_line(token, counts));
        return {};
      },
      [](std::string_view id, bool spam) -> Result<> {
        fmt::print("{}", backup_line(id, spam));
        return {};
      });
}

/// What a line of a backup says goes into the database and the numbers about it.
struct Restored {
  TokenDatabase::Change& change;
  DatabaseState state;

  Result<> operator()(const BackupNothing&) { return {}; }
  Result<> operator()(const BackupVersion&) { return {}; }
  Result<> operator()(const BackupSpam& line) {
    state.messages.spam = line.messages;
    return {};
  }
  Result<> operator()(const BackupHam& line) {
    state.messages.ham = line.messages;
    return {};
  }
  Result<> operator()(const BackupToken& line) { return change.put(line.token, line.counts); }
  Result<> operator()(const BackupSeen& line) {
    return change.set_seen(line.message_id, line.spam);
  }
};

/// All of the backup takes the place of all that is there, or nothing does.
Result<> restore(std::istream& input, const std::string& name, TokenDatabase& database) {
  TRY(auto change, database.begin());
  TRY(change.clear());
  BackupReader reader(static_cast<std::uint32_t>(std::time(nullptr)));
  Restored restored{change, {}};
  std::string line;
  for (std::size_t number = 1; std::getline(input, line); ++number) {
    const auto read = reader.read(line);
    if (!read)
      return fail(std::errc::invalid_argument,
                  fmt::format("{}:{}:1: {}", name, number, read.error()));
    TRY(std::visit(restored, *read));
    if (number % 100000 == 0) fmt::print(stderr, "postern bayes: {} lines\n", number);
  }
  if (!reader.missing().empty())
    return fail(std::errc::invalid_argument, fmt::format("{}: {}", name, reader.missing()));
  TRY(change.set_state(restored.state));
  return change.commit();
}

int restore_from(const BayesCommand& command) {
  std::ifstream file;
  if (command.file != "-") {
    file.open(command.file, std::ios::binary);
    if (!file) {
      fmt::print(stderr, "postern bayes: cannot read {}\n", command.file);
      return no_input;
    }
  }
  auto database = TokenDatabase::open(command.database, Access::write);
  if (!database) return report(database.error());
  const auto done = restore(command.file == "-" ? std::cin : file, command.file, *database);
  if (!done) {
    report(done.error());
    return done.error().code == std::errc::invalid_argument ? bad_configuration : cannot_write;
  }
  return 0;
}

}  // namespace

int bayes_command(const BayesCommand& command) {
  if (command.action == "learn" || command.action == "forget") return go_over_messages(command);
  if (command.action == "restore") return restore_from(command);
  auto database = TokenDatabase::open(command.database, Access::read);
  if (!database) {
    report(database.error());
    return no_input;
  }
  const auto done = command.action == "dump" ? dump(command, *database) : backup(*database);
  return done ? 0 : report(done.error());
}

}  // namespace postern
