#include "gateway/verify/spf_suite.h"

#include <algorithm>
#include <boost/json.hpp>
#include <stdexcept>

#include "filters/spf/check.h"
#include "gateway/verify/answer.h"
#include "gateway/verify/zone.h"

namespace postern {
namespace {

namespace json = boost::json;

/// Octets above 0x7f are written as the code points of the same number.
std::string octets_of(const json::value& value) {
  const std::string_view text = value.as_string();
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    const bool two = (octet == 0xc2 || octet == 0xc3) && i + 1 < text.size();
    out +=
        two ? static_cast<char>((octet & 3U) << 6U | (static_cast<unsigned char>(text[++i]) & 63U))
            : text[i];
  }
  return out;
}

/// A TXT value may come in several strings.
std::string joined(const json::value& value) {
  if (!value.is_array()) return octets_of(value);
  std::string out;
  for (const auto& piece : value.as_array()) out += octets_of(piece);
  return out;
}

void add_record(const std::string& name, std::string_view type, const json::value& value,
                ZoneResolver& zone) {
  const auto known = record_type(type);
  if (!known) return;
  if (value.is_string() && value.as_string() == "TIMEOUT") {
    zone.fail(name, *known, "TIMEOUT");
  } else if (*known == RecordType::mx) {
    const auto preference = std::stoul(octets_of(value.as_array().at(0)));
    zone.add(name, *known,
             {octets_of(value.as_array().at(1)), static_cast<std::uint16_t>(preference)});
  } else if (*known == RecordType::txt) {
    const std::string text = joined(value);
    if (text != "NONE") zone.add(name, *known, {text, 0});
  } else {
    zone.add(name, *known, {octets_of(value), 0});
  }
}

bool has_type(const json::array& records, std::string_view type) {
  return std::ranges::any_of(records, [&](const json::value& record) {
    return record.is_object() && record.as_object().contains(type);
  });
}

/// An SPF record (a type that RFC 7208 §3.1 has given up) speaks for a TXT record that is missing.
void add_records(const std::string& name, const json::array& records, ZoneResolver& zone) {
  const bool spf_speaks = !has_type(records, "TXT");
  zone.add_name(name);
  for (const auto& record : records) {
    if (record.is_string()) {
      zone.fail_others(name, "TIMEOUT");
      continue;
    }
    for (const auto& [type, value] : record.as_object()) {
      if (type == "TIMEOUT") zone.fail_others(name, "TIMEOUT");
      const std::string_view meant = type == "SPF" && spf_speaks ? "TXT" : std::string_view(type);
      add_record(name, meant, value, zone);
    }
  }
}

std::string field(const json::object& test, std::string_view name, std::string fallback) {
  const auto* const value = test.if_contains(name);
  return value == nullptr ? std::move(fallback) : octets_of(*value);
}

SuiteLine run_test(std::string_view id, const json::object& test, ZoneResolver& zone) {
  spf::Question question;
  const auto client = IpAddress::parse(field(test, "host", ""));
  if (!client) throw std::invalid_argument("host is no address");
  question.client = *client;
  question.sender = field(test, "mailfrom", "");
  question.helo = field(test, "helo", "");
  question.receiver = field(test, "receiver", "unknown");
  const spf::Outcome outcome =
      answer_at_once(spf::check(zone, std::move(question), SteadyTime::max()));
  SuiteLine line{std::string(id), std::string(spf::result_name(outcome.result)),
                 outcome.explanation};
  if (outcome.result == SpfResult::fail && line.explanation.empty()) line.explanation = "DEFAULT";
  return line;
}

}  // namespace

Result<std::vector<SuiteLine>> run_spf_suite(std::string_view text) {
  std::vector<SuiteLine> lines;
  try {
    for (const auto& scenario : json::parse(text).as_array()) {
      ZoneResolver zone;
      for (const auto& [name, records] : scenario.at("zonedata").as_object())
        add_records(name, records.as_array(), zone);
      for (const auto& [id, test] : scenario.at("tests").as_object())
        lines.push_back(run_test(id, test.as_object(), zone));
    }
  } catch (const std::exception& error) {
    return fail(std::errc::invalid_argument,
                std::string("not a suite of SPF cases: ") + error.what());
  }
  return lines;
}

}  // namespace postern
