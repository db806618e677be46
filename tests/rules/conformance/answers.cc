#include "tests/rules/conformance/answers.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <set>
#include <stdexcept>

#include "gateway/base/bytes.h"
#include "rules/evals/mail_date.h"
#include "rules/evals/message_addresses.h"
#include "rules/headers/network_set.h"
#include "rules/html/link_target.h"
#include "rules/rules.h"
#include "rules/uris/canonical_uri.h"

namespace postern {
namespace {

using Strings = std::vector<std::string>;

struct Question {
  const ConformanceCheck& check;
  std::string_view argument;
  const RuleSet& rules;
  ScannedMessage& message;
};

std::string number(double value) {
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%.6g", value);
  return out.data();
}

std::string joined(const Strings& texts, std::string_view separator) {
  std::string out;
  for (const auto& text : texts) {
    if (&text != &texts.front()) out += separator;
    out += text;
  }
  return out;
}

Strings sorted(Strings texts) {
  std::ranges::sort(texts);
  return texts;
}

Strings header(const Question& asked) {
  const auto source = parse_header_source(asked.argument);
  if (!source) throw std::invalid_argument("no header " + std::string(asked.argument));
  const auto& value = asked.message.headers().get(*source);
  return value ? Strings{*value} : Strings{};
}

Strings list(const Question& asked) { return asked.message.headers().list(asked.argument); }

Strings relays(const Question& asked) {
  const auto& hops = asked.message.relays();
  return {Relays::text_of(hops.trusted()), Relays::text_of(hops.untrusted()),
          Relays::text_of(hops.internal()), Relays::text_of(hops.external())};
}

Strings body(const Question& asked) { return asked.message.body(); }
Strings rawbody(const Question& asked) { return asked.message.rawbody(); }
Strings uris(const Question& asked) { return asked.message.uris().unique(); }

Strings uri_details(const Question& asked) {
  Strings out;
  for (const auto& uri : asked.message.uris().detailed()) {
    out.push_back(uri.raw + " types=" + joined({uri.types.begin(), uri.types.end()}, ",") +
                  " cleaned=" + joined(sorted(uri.cleaned), ",") +
                  " domains=" + joined(uri.domains, ",") + " hosts=" + joined(uri.hosts, ",") +
                  " text=" + joined(uri.anchor_text, "|"));
  }
  return sorted(std::move(out));
}

Strings parts(const Question& asked) {
  Strings out;
  for (const auto& part : asked.message.parts().all()) {
    auto line = std::string(2 * std::size_t{part.depth}, ' ') + part.type;
    if (part.charset) line += " charset=" + *part.charset;
    if (!part.name.empty()) line += " name=" + part.name;
    if (part.is_leaf) line += ": " + part.decoded();
    out.push_back(std::move(line));
  }
  return out;
}

void describe_html(const HtmlText& html, Strings& out) {
  for (const std::string name :
       {"image_area", "min_size", "max_size", "closed_extra_ratio", "backhair_count",
        "bad_tag_ratio", "non_element_ratio", "obfuscation_ratio", "font_low_contrast",
        "font_invalid_color", "font_face_bad", "form_action_mailto", "embeds"}) {
    if (const auto value = html.value(name)) out.push_back(name + '=' + number(*value));
  }
  for (const auto& [tag, count] : html.tags()) {
    out.push_back("inside " + tag + '=' + std::to_string(count));
  }
  for (const std::string kind : {"comment", "script", "title", "anchor"}) {
    const auto* texts = html.strings(kind);
    if (texts == nullptr) continue;
    for (const auto& text : *texts) out.push_back(kind + ' ' + text);
  }
}

Strings html(const Question& asked) {
  Strings out;
  const auto& all = asked.message.parts();
  for (const auto leaf : all.leaves()) {
    const auto& rendered = all.all()[leaf].rendered();
    if (rendered.html) describe_html(*rendered.html, out);
  }
  return out;
}

Strings rendered(const Question& asked, std::string_view (RenderedPart::*text)() const) {
  Strings out;
  const auto& all = asked.message.parts();
  for (const auto leaf : all.leaves()) {
    const auto& part = all.all()[leaf].rendered();
    if (part.html) out.emplace_back((part.*text)());
  }
  return out;
}

Strings visible(const Question& asked) { return rendered(asked, &RenderedPart::visible_text); }
Strings invisible(const Question& asked) { return rendered(asked, &RenderedPart::invisible_text); }

Strings recipients(const Question& asked) {
  return sorted(asked.message.memo<RecipientAddresses>().all);
}
Strings senders(const Question& asked) { return sorted(asked.message.memo<SenderAddresses>().all); }

Strings hits(const Question& asked) {
  ScanScratch scratch;
  const auto result = scan(asked.rules, asked.message.input(), scratch);
  Strings out;
  for (const auto* found : {&result.hits, &result.subrules}) {
    for (const auto& hit : *found) {
      out.push_back(std::string(hit.name) + (hit.value == 1 ? "" : '=' + number(hit.value)));
    }
  }
  return sorted(std::move(out));
}

/// "name/TYPE=text", as the DNS would answer.
class Zone {
 public:
  explicit Zone(std::string_view records) {
    while (!records.empty()) {
      auto text = take_word(records);
      const auto name = std::string(text.substr(0, text.find('/')));
      const auto type = text.substr(name.size() + 1, text.find('=') - name.size() - 1);
      const auto data = text.substr(text.find('=') + 1);
      if (type == "SOA") {
        authorities_[name] = data;
      } else {
        records_[{name, type_of(type)}].emplace_back(data);
      }
      names_.insert(name);
    }
  }

  NetworkAnswer answer(const NetworkQuestion& question) const {
    using Status = NetworkAnswer::Status;
    if (!names_.contains(question.name)) return {Status::no_such_name, {}, {}};
    const auto found = records_.find(question);
    if (found != records_.end()) return {Status::found, found->second, {}};
    const auto authority = authorities_.find(question.name);
    return {Status::no_records, {}, authority == authorities_.end() ? "" : authority->second};
  }

  static std::string_view name_of(QuestionType type) {
    return std::ranges::find(types, type, &Type::type)->name;
  }

 private:
  struct Type {
    std::string_view name;
    QuestionType type;
  };
  static constexpr std::array types{
      Type{"A", QuestionType::a},     Type{"AAAA", QuestionType::aaaa},
      Type{"NS", QuestionType::ns},   Type{"MX", QuestionType::mx},
      Type{"PTR", QuestionType::ptr}, Type{"TXT", QuestionType::txt}};
  static QuestionType type_of(std::string_view name) {
    return std::ranges::find(types, name, &Type::name)->type;
  }

  std::map<NetworkQuestion, std::vector<std::string>> records_;
  std::map<std::string, std::string> authorities_;
  std::set<std::string> names_;
};

Strings lookups(const Question& asked) {
  const Zone zone(asked.argument);
  const auto rules =
      load_rules_text(asked.check.settings, "case.cf", {.score_set = with_network}).rules;
  ScanScratch scratch;
  MessageScan scan(*rules, asked.message.input(), scratch);
  Strings out;
  for (auto questions = scan.questions(); !questions.empty(); questions = scan.questions()) {
    for (const auto& question : questions) {
      out.push_back("ask " + question.name + " " + std::string(Zone::name_of(question.type)));
      scan.answer(question, zone.answer(question));
    }
  }
  scan.run();
  const auto result = scan.finish();
  for (const auto* found : {&result.hits, &result.subrules}) {
    for (const auto& hit : *found) out.push_back("hit " + std::string(hit.name));
  }
  return sorted(std::move(out));
}

Strings date(const Question& asked) {
  const auto seconds = parse_mail_date(asked.check.row);
  return seconds ? Strings{std::to_string(*seconds)} : Strings{};
}

Strings networks(const Question& asked) {
  NetworkSet set;
  for (auto rest = asked.argument; !rest.empty();) set.add(take_word(rest));
  return {set.contains(asked.check.row) ? "yes" : "no"};
}

Strings link(const Question& asked) { return {link_target(asked.argument, asked.check.row)}; }

Strings canonical(const Question& asked) {
  return sorted(canonical_forms(asked.check.row, UriText::octets, asked.message.settings().domains,
                                asked.message.matcher()));
}

Strings domain(const Question& asked) {
  const auto found = asked.message.settings().domains.boundaries.uri_to_domain(asked.check.row);
  return found ? Strings{found->domain, found->host} : Strings{};
}

struct Answer {
  std::string_view question;
  Strings (*give)(const Question& asked);
};
constexpr Answer answers[] = {
    {"header", header},
    {"list", list},
    {"relays", relays},
    {"body", body},
    {"rawbody", rawbody},
    {"uris", uris},
    {"uri_details", uri_details},
    {"parts", parts},
    {"html", html},
    {"visible", visible},
    {"invisible", invisible},
    {"recipients", recipients},
    {"senders", senders},
    {"hits", hits},
    {"lookups", lookups},
    {"date", date},
    {"networks", networks},
    {"link", link},
    {"canonical", canonical},
    {"domain", domain},
};

}  // namespace

std::vector<std::string> answers_to(const ConformanceCheck& check) {
  const auto loaded = load_rules_text(check.settings, "case.cf");
  const ScanInput input{.octets = check.message};
  Matcher matcher;
  ScannedMessage message(input, loaded.rules->settings(), matcher);
  std::string_view argument = check.question;
  const auto word = take_word(argument);
  for (const auto& answer : answers) {
    if (answer.question == word)
      return answer.give({check, trim(argument), *loaded.rules, message});
  }
  throw std::invalid_argument("no question " + check.question);
}

}  // namespace postern
