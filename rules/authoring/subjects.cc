#include "rules/authoring/subjects.h"

#include <array>

#include <fmt/format.h>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

/// Runs of white space as one blank, none at the ends: how texts are compared here.
std::string squeezed(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (!is_space(c)) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

constexpr std::array<std::string_view, 13> kind_names{"",
                                                      "ALL",
                                                      "ALL-TRUSTED",
                                                      "ALL-UNTRUSTED",
                                                      "ALL-INTERNAL",
                                                      "ALL-EXTERNAL",
                                                      "ToCc",
                                                      "MESSAGEID",
                                                      "EnvelopeFrom",
                                                      "X-Spam-Relays-Trusted",
                                                      "X-Spam-Relays-Untrusted",
                                                      "X-Spam-Relays-Internal",
                                                      "X-Spam-Relays-External"};
constexpr std::array<std::string_view, 3> part_marks{"", ":addr", ":name"};
constexpr std::array<std::string_view, 5> place_marks{"", ":host", ":domain", ":ip", ":revip"};
constexpr std::array<std::string_view, 3> choice_marks{"", ":first", ":last"};

template <class Names, class Value>
std::string_view name_in(const Names& names, Value value) {
  return names.at(static_cast<std::size_t>(value));
}

/// Field names as people write them: "message-id" is Message-Id.
std::string capitalized(std::string name) {
  bool first = true;
  for (char& c : name) {
    if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    first = c == '-';
  }
  return name;
}

}  // namespace

std::string written(const HeaderSource& source) {
  std::string out = source.kind == HeaderSource::Kind::field
                        ? capitalized(source.name)
                        : std::string(name_in(kind_names, source.kind));
  out += name_in(part_marks, source.part);
  out += name_in(place_marks, source.place);
  out += name_in(choice_marks, source.choice);
  if (source.raw) out += ":raw";
  return out;
}

const std::vector<std::string>& Subjects::part_names() {
  if (!part_names_.empty()) return part_names_;
  const auto& parts = message_.parts().all();
  std::vector<std::string> numbers(parts.size(), "1");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (std::size_t k = 0; k < parts[i].children.size(); ++k)
      numbers[parts[i].children[k]] = fmt::format("{}.{}", numbers[i], k + 1);
  }
  for (std::size_t i = 0; i < parts.size(); ++i)
    part_names_.push_back(fmt::format("{} {}", numbers[i], parts[i].type));
  return part_names_;
}

std::vector<Subject> Subjects::with_parts(const std::vector<std::string>& texts,
                                          std::string_view label, bool rendered) {
  const auto& leaves = message_.parts().leaves();
  std::vector<std::string> leaf_texts;
  for (const auto leaf : leaves) {
    const auto& part = message_.parts().all()[leaf];
    leaf_texts.push_back(squeezed(rendered ? part.rendered().text() : part.decoded()));
  }
  std::vector<Subject> out;
  // Texts come in the order of the parts: what follows is looked for behind what was found.
  std::size_t leaf = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    out.push_back({fmt::format("{} {}", label, i + (rendered ? 0 : 1)), "", texts[i]});
    if (rendered && i == 0) {
      out.back().label = "header Subject (as body text)";
      continue;
    }
    const auto wanted = squeezed(texts[i]);
    if (wanted.empty()) continue;
    for (auto k = leaf; k < leaves.size(); ++k) {
      const auto found = leaf_texts[k].find(wanted, k == leaf ? at : 0);
      if (found == std::string::npos) continue;
      leaf = k;
      at = found + wanted.size();
      out.back().part = part_names()[leaves[k]];
      break;
    }
  }
  return out;
}

const std::vector<Subject>& Subjects::texts(RuleType type) {
  if (type == RuleType::body) {
    if (!body_) body_ = with_parts(message_.body(), "body paragraph", true);
    return *body_;
  }
  if (!rawbody_) rawbody_ = with_parts(message_.rawbody(), "rawbody piece", false);
  return *rawbody_;
}

void Subjects::header(const CompiledRule& rule) {
  const auto& value = message_.headers().get(rule.header);
  const auto label = "header " + written(rule.header);
  if (value) {
    others_.push_back({label, "", *value});
  } else if (rule.unset) {
    others_.push_back({label + " (missing: if-unset)", "", *rule.unset});
  }
}

void Subjects::mime_header(const CompiledRule& rule) {
  const auto label = fmt::format("mimeheader {}{}", rule.mime.name, rule.mime.raw ? ":raw" : "");
  MimeHeaderQuery query{.source = rule.mime,
                        .range = rule.flags.parts,
                        .concat = rule.flags.concat,
                        .if_unset = rule.unset.value_or("")};
  std::vector<std::size_t> typed;  // those that mimeheader numbers, from 1
  const auto& parts = message_.parts().all();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].type.empty()) typed.push_back(i);
  }
  if (query.concat) {
    for (auto& value : mime_header_values(message_.parts(), query)) {
      room_.push_back(std::move(value));
      others_.push_back({label + " of all parts", "", {}});
    }
  } else {
    for (std::size_t i = 1; i <= typed.size(); ++i) {
      if (i < rule.flags.parts.first || i > rule.flags.parts.last) continue;
      query.range = {.first = i, .last = i};
      for (auto& value : mime_header_values(message_.parts(), query)) {
        room_.push_back(std::move(value));
        others_.push_back({label, part_names()[typed[i - 1]], {}});
      }
    }
  }
  for (std::size_t i = 0; i < others_.size(); ++i) others_[i].text = room_[i];
}

const std::vector<Subject>& Subjects::of(const CompiledRule& rule) {
  if (rule.type == RuleType::body || rule.type == RuleType::rawbody) return texts(rule.type);
  others_.clear();
  room_.clear();
  if (rule.type == RuleType::header) {
    header(rule);
  } else if (rule.type == RuleType::mime_header) {
    mime_header(rule);
  } else if (rule.type == RuleType::uri) {
    for (const auto& uri : message_.uris().unique()) others_.push_back({"uri", "", uri});
  } else if (rule.type == RuleType::full) {
    others_.push_back({"full message", "", message_.octets()});
  }
  return others_;
}

}  // namespace postern
