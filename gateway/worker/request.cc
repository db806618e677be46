#include "gateway/worker/request.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "gateway/worker/frame.h"
#include "gateway/worker/wire.h"

namespace postern {
namespace {

// Generous against what the session lets in (addresses 320, 1000 recipients), and bounded.
constexpr std::size_t longest_text = 64U << 10;
constexpr std::size_t most_recipients = 10'000;
constexpr std::size_t most_findings = 10'000;
constexpr std::uint64_t largest_content = 1ULL << 30;
constexpr unsigned no_exec_seal = 0x0008U;  // MFD_NOEXEC_SEAL, Linux 6.3: headers may be older

// A question must never be refused by the worker for what the session let in: cut, not refused.
void write_text(WireWriter& out, std::string_view text) { out.text(text.substr(0, longest_text)); }

void write_connection(WireWriter& out, const ConnectionFacts& connection) {
  write_text(out, connection.session);
  write_text(out, connection.client.host);
  out.u16(connection.client.port);
  write_text(out, connection.client_name);
  write_text(out, connection.server.host);
  out.u16(connection.server.port);
  out.flag(connection.trusted);
  out.flag(connection.tls);
  write_text(out, connection.tls_protocol);
  write_text(out, connection.tls_cipher);
}

ConnectionFacts read_connection(WireReader& in) {
  ConnectionFacts connection;
  connection.session = in.text(longest_text);
  connection.client.host = in.text(longest_text);
  connection.client.port = in.u16();
  connection.client_name = in.text(longest_text);
  connection.server.host = in.text(longest_text);
  connection.server.port = in.u16();
  connection.trusted = in.flag();
  connection.tls = in.flag();
  connection.tls_protocol = in.text(longest_text);
  connection.tls_cipher = in.text(longest_text);
  return connection;
}

void write_evidence(WireWriter& out, const Evidence& evidence) {
  write_connection(out, evidence.connection);
  write_text(out, evidence.helo);
  out.flag(evidence.esmtp);
  out.u64(evidence.id.value);
  write_text(out, evidence.sender.address);
  out.u64(evidence.sender.declared_size);
  out.flag(evidence.sender.utf8);
  out.flag(evidence.sender.eight_bit);
  const std::size_t recipients = std::min(evidence.recipients.size(), most_recipients);
  out.count(recipients);
  for (std::size_t i = 0; i < recipients; ++i) write_text(out, evidence.recipients[i].address);
  const std::size_t findings = std::min(evidence.findings.size(), most_findings);
  out.count(findings);
  for (std::size_t i = 0; i < findings; ++i) {
    const auto& [filter, finding] = evidence.findings[i];
    write_text(out, filter);
    write_text(out, finding.name);
    out.real(std::isfinite(finding.score) ? finding.score : 0);
    write_text(out, finding.text);
  }
}

Evidence read_evidence(WireReader& in) {
  Evidence evidence;
  evidence.connection = read_connection(in);
  evidence.helo = in.text(longest_text);
  evidence.esmtp = in.flag();
  evidence.id.value = in.u64();
  evidence.sender.address = in.text(longest_text);
  evidence.sender.declared_size = in.u64();
  evidence.sender.utf8 = in.flag();
  evidence.sender.eight_bit = in.flag();
  evidence.recipients.resize(in.count(most_recipients, 4));
  for (RecipientFacts& recipient : evidence.recipients) recipient.address = in.text(longest_text);
  evidence.findings.resize(in.count(most_findings, 20));
  for (Found& found : evidence.findings) {
    found.filter = in.text(longest_text);
    found.finding.name = in.text(longest_text);
    found.finding.score = in.real(std::numeric_limits<double>::max());
    found.finding.text = in.text(longest_text);
  }
  return evidence;
}

Result<UniqueFd> create_memfd() {
  int fd = ::memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING | no_exec_seal);
  if (fd < 0 && errno == EINVAL) fd = ::memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return fail_errno("memfd_create");
  return UniqueFd(fd);
}

Result<UniqueFd> sealed(std::string_view octets) {
  TRY(UniqueFd fd, create_memfd());
  while (!octets.empty()) {
    const ssize_t written = ::write(fd.get(), octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail_errno("write to a memfd");
    octets.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) !=
      0) {
    return fail_errno("sealing a memfd");
  }
  return fd;
}

Result<std::string> read_all(int fd, std::uint64_t size) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return fail_errno("fstat of the message");
  if (status.st_size < 0 || static_cast<std::uint64_t>(status.st_size) != size) {
    return fail(std::errc::bad_message, "the message is not as long as its frame says");
  }
  std::string octets(size, '\0');
  std::size_t have = 0;
  while (have < octets.size()) {
    const ssize_t n =
        ::pread(fd, octets.data() + have, octets.size() - have, static_cast<off_t>(have));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return fail_errno("reading the message", n == 0 ? EIO : errno);
    have += static_cast<std::size_t>(n);
  }
  return octets;
}

}  // namespace

Result<EncodedRequest> encode_request(std::string_view filter, const Evidence& evidence,
                                      const Message& message) {
  const std::string& content = *message.content;
  const bool in_frame = content.size() <= largest_inline;
  WireWriter out;
  write_text(out, filter);
  write_evidence(out, evidence);
  write_text(out, message.received);
  out.flag(in_frame);
  out.u64(content.size());
  if (in_frame) out.text(content);
  EncodedRequest encoded{out.take(), {}};
  if (encoded.body.size() > largest_ask) {
    return fail(std::errc::message_size, "the envelope is too large for a worker");
  }
  if (!in_frame) {
    TRY(encoded.content, sealed(content));
  }
  return encoded;
}

Result<Request> decode_request(std::string_view body, const UniqueFd& content) {
  WireReader in(body);
  Request request;
  request.filter = in.text(longest_text);
  request.evidence = read_evidence(in);
  request.message.received = in.text(longest_text);
  const bool in_frame = in.flag();
  const std::uint64_t size = in.u64();
  const std::string_view octets = in_frame ? in.text(largest_inline) : std::string_view{};
  if (!in.complete() || in_frame == static_cast<bool>(content) || size > largest_content ||
      (in_frame && octets.size() != size)) {
    return fail(std::errc::bad_message, "not a question that a worker can read");
  }
  std::string whole(octets);
  if (!in_frame) {
    TRY(whole, read_all(content.get(), size));
  }
  request.message.content = std::make_shared<const std::string>(std::move(whole));
  return request;
}

}  // namespace postern
