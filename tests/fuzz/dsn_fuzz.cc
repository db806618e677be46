// dsn_fuzz.cc — nothing that goes into a report can add a field, a part or a line break.
#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "gateway/mail/dsn.h"
#include "gateway/mail/header.h"
#include "gateway/mail/mime.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

/// The input's pieces between NULs, as many as a report has inputs.
DsnRequest request_from(std::string_view input) {
  std::array<std::string_view, 12> pieces{};
  for (auto& piece : pieces) {
    piece = input.substr(0, input.find('\0'));
    input.remove_prefix(std::min(piece.size() + 1, input.size()));
  }
  DsnRequest request;
  request.reporting_mta = pieces[0];
  request.sender = pieces[1];
  request.envid = pieces[2];
  request.postmaster = pieces[3];
  request.message_id = pieces[4];
  request.original = pieces[9];
  request.full = pieces[9].size() % 2 == 1;
  request.original_limit = 200;
  request.queue_id = pieces[4];
  // An administrator's words count only where they pass the check at loading.
  auto& words = request.templates.failure;
  if (!mistake_in_template(pieces[10], DsnTemplatePart::text)) words.text = pieces[10];
  if (!mistake_in_template(pieces[11], DsnTemplatePart::subject)) words.subject = pieces[11];
  for (const auto action : {DsnAction::failed, DsnAction::delayed, DsnAction::delivered,
                            DsnAction::relayed, DsnAction::expanded}) {
    DsnRecipient recipient;
    recipient.address = pieces[5];
    recipient.orcpt = pieces[6];
    recipient.remote_mta = pieces[7];
    recipient.diagnostic = pieces[8];
    recipient.action = action;
    request.recipients.push_back(recipient);
  }
  return request;
}

void check_lines(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') require(i + 1 < text.size() && text[i + 1] == '\n', "no bare CR");
    if (text[i] == '\n') require(i > 0 && text[i - 1] == '\r', "no bare LF");
    require(text[i] != '\0', "no NUL");
  }
}

std::size_t lines_that_start_with(std::string_view text, std::string_view start) {
  return static_cast<std::size_t>(std::ranges::count_if(
      split(text, '\n'),
      [start](std::string_view line) { return starts_with_ignoring_case(line, start); }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto request = request_from(as_text(octets, size));
  const std::string report = make_dsn(request);

  const auto split = split_message(report);
  require(split.fields.size() == 8 || split.fields.size() == 9, "the fields of the header");
  require(!split.malformed, "a clean header");
  const auto tree = parse_mime(report);
  require(tree.parts.size() >= 4 && tree.parts[0].children.size() == 3, "three parts");
  require(tree.parts[0].anomalies.empty(), "a clean multipart");
  const auto text = tree.parts[1].body.of(report);
  const auto status = tree.parts[2].body.of(report);
  const auto returned = tree.parts[3].body.of(report);
  check_lines(split.header);
  check_lines(text);
  check_lines(status);
  require(lines_that_start_with(status, "Action:") == 5, "one action a recipient");
  require(lines_that_start_with(status, "Reporting-MTA:") == 1, "one reporting host");
  require(lines_that_start_with(status, "\r") == 5, "one group a recipient");
  require(std::ranges::all_of(status, [](char c) { return static_cast<unsigned char>(c) < 0x80; }),
          "status is ASCII");
  require(returned.size() <= request.original_limit, "the original is bounded");
  require(request.original.starts_with(returned), "the original comes back as it was");
  return 0;
}
