#include "filters/dmarc/record.h"

#include <algorithm>
#include <array>
#include <string>

#include "gateway/base/bytes.h"

namespace postern::dmarc {
namespace {

constexpr std::array<std::string_view, 3> policy_names = {"none", "quarantine", "reject"};

struct Tag {
  std::string_view name, value;
};

std::optional<Tag> read_tag(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return {};
  const Tag tag{trim(text.substr(0, equals)), trim(text.substr(equals + 1))};
  const bool named = !tag.name.empty() && std::ranges::all_of(tag.name, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '_' || c == '-';
  });
  return named ? std::optional(tag) : std::nullopt;
}

std::optional<Policy> read_policy(std::string_view value) {
  for (std::size_t i = 0; i < policy_names.size(); ++i) {
    if (equals_ignoring_case(policy_names[i], value)) return static_cast<Policy>(i);
  }
  return {};
}

/// What the tags said, before what is missing is filled in.
struct Tags {
  std::optional<Policy> policy, subdomains;
  bool bad_policy = false;
  bool reports = false;  // rua= names somebody
};

void take(const Tag& tag, Tags& tags, Record& record) {
  if (tag.name == "p" || tag.name == "sp") {
    const auto policy = read_policy(tag.value);
    (tag.name == "p" ? tags.policy : tags.subdomains) = policy;
    tags.bad_policy = tags.bad_policy || !policy;
  } else if (tag.name == "adkim") {
    record.strict_dkim = equals_ignoring_case(tag.value, "s");
  } else if (tag.name == "aspf") {
    record.strict_spf = equals_ignoring_case(tag.value, "s");
  } else if (tag.name == "pct") {
    if (const auto percent = parse_number(tag.value, 100))
      record.percent = static_cast<unsigned>(*percent);
  } else if (tag.name == "rua") {
    tags.reports = tag.value.find(':') != std::string_view::npos;
  }
}

}  // namespace

std::string_view policy_name(Policy policy) {
  return policy_names[static_cast<std::size_t>(policy)];
}

bool is_record(std::string_view text) {
  const auto first = read_tag(text.substr(0, text.find(';')));
  return first && first->name == "v" && first->value == "DMARC1";
}

std::optional<Record> parse_record(std::string_view text) {
  if (text.size() > longest_record) return {};
  const auto pieces = split(text, ';');
  if (pieces.size() > most_tags) return {};
  Record record;
  Tags tags;
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    if (trim(pieces[i]).empty()) continue;
    const auto tag = read_tag(pieces[i]);
    if (!tag) return {};
    take(*tag, tags, record);
  }
  if (!tags.policy || tags.bad_policy) {
    if (!tags.reports) return {};
    tags.policy = Policy::none;
    tags.subdomains.reset();
  }
  record.policy = *tags.policy;
  record.subdomain_policy = tags.subdomains.value_or(*tags.policy);
  return record;
}

}  // namespace postern::dmarc
