#include "rules/authoring/samples.h"

#include <algorithm>

#include <fmt/format.h>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

const CompiledRule* find_rule(const RuleSet& rules, std::string_view name) {
  const auto found = std::ranges::lower_bound(rules.rules(), name, {}, &CompiledRule::name);
  return found == rules.rules().end() || found->name != name ? nullptr : &*found;
}

bool begins_with_field(std::string_view text) {
  const auto colon = text.find(':');
  return colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
         text[colon + 1] == ' ' && std::ranges::all_of(text.substr(0, colon), [](char c) {
           return is_alpha(c) || is_digit(c) || c == '-';
         });
}

/// The field that a value of this source is read from.
std::string field_of(const HeaderSource& source) {
  using Kind = HeaderSource::Kind;
  switch (source.kind) {
    case Kind::field:
      return source.name;
    case Kind::to_cc:
      return "To";
    case Kind::message_ids:
      return "Message-ID";
    case Kind::envelope_from:
      return "Return-Path";
    default:
      return "";  // whole lines: the text brings its own names
  }
}

std::string message_for(const CompiledRule& rule, std::string_view text) {
  if (rule.type == RuleType::header) {
    auto field = field_of(rule.header);
    if (field.empty()) return fmt::format("{}\n\n", text);
    if (starts_with_ignoring_case(text, field + ":")) text = trim(text.substr(field.size() + 1));
    return fmt::format("{}: {}\n\n", field, text);
  }
  if (rule.type == RuleType::mime_header) return fmt::format("{}: {}\n\n", rule.mime.name, text);
  const bool text_rule = rule.type == RuleType::body || rule.type == RuleType::rawbody ||
                         rule.type == RuleType::uri || rule.type == RuleType::uri_detail;
  if (!text_rule && begins_with_field(text)) return fmt::format("{}\n\n", text);
  return fmt::format("Content-Type: text/plain\n\n{}\n", text);
}

std::string reason_not_run(const RuleSet& rules, const std::string& name) {
  const auto idle = std::ranges::find_if(rules.idle(), [&](const Idle& each) {
    return each.rule == name && each.cause != Idle::Cause::replaced;
  });
  if (idle == rules.idle().end()) return "no rule is called that";
  return idle->cause == Idle::Cause::scored_zero
             ? "it is scored 0 at " + idle->by_where
             : "it stands in a branch that does not count: " + idle->by_where;
}

}  // namespace

std::vector<SampleResult> run_samples(const RuleSet& rules) {
  using Outcome = SampleResult::Outcome;
  std::vector<SampleResult> out;
  ScanScratch scratch;
  for (const auto& sample : rules.samples()) {
    const auto* const rule = find_rule(rules, sample.rule);
    if (rule == nullptr) {
      out.push_back({&sample, Outcome::not_run, reason_not_run(rules, sample.rule)});
      continue;
    }
    const auto message = message_for(*rule, sample.text);
    scan(rules, {.octets = message}, scratch);
    const bool hit = scratch.values[static_cast<std::size_t>(rule - rules.rules().data())] != 0;
    if (hit == sample.hits) {
      out.push_back({&sample, Outcome::passed, ""});
    } else {
      out.push_back(
          {&sample, Outcome::failed,
           fmt::format("{} {} \"{}\", which it must{}", rule->name, hit ? "hits" : "does not hit",
                       printable(sample.text, 60), sample.hits ? "" : " not")});
    }
  }
  return out;
}

}  // namespace postern
