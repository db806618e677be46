// scripted_server.h — a server on loopback that follows a transcript, and says where the client
// did not.
//
// One transcript a connection, in the order in which they come; one step a line:
//   S: text   send the line            S= text   send as it stands (\r \n \0 understood)
//   C: text   this line must come; a final * stands for anything
//   D:        content up to CRLF.CRLF, kept in received()
//   Q:        nothing may be waiting unread: the client did not run ahead (only before an S:)
//   F: text   send the line again and again until the client hangs up (64 MiB: it never did)
//   F= text   the same without line ends
//   T:        TLS handshake            W:        wait until the client closes
//   X:        close at once            (end)     close
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gateway/base/unique_fd.h"
#include "gateway/net/socket.h"

namespace postern::test {

class ScriptedServer {
 public:
  /// On 127.0.0.1, or on a Unix socket where `endpoint` is a path.
  explicit ScriptedServer(std::vector<std::string> transcripts,
                          Endpoint endpoint = {"127.0.0.1", 0});
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  Endpoint endpoint() const { return endpoint_; }
  std::uint16_t port() const { return endpoint_.port; }

  /// Waits until all transcripts have been played; "" when the client kept to them.
  std::string finish();
  /// A W: has been reached; from any thread.
  bool waiting() const { return waiting_; }
  /// What each D: received, dots stuffed and the final dot included. After finish().
  const std::vector<std::string>& received() const { return received_; }

 private:
  struct Connection;
  void serve(std::vector<std::string> transcripts);
  void play(Connection& connection, const std::string& transcript);
  void complain(std::string what);

  UniqueFd listener_;
  Endpoint endpoint_;
  std::string complaints_;
  std::vector<std::string> received_;
  std::atomic<bool> waiting_{false};
  std::thread thread_;
};

/// A transcript's lines, and back: for tests that cut or change one.
std::vector<std::string> transcript_lines(const std::string& transcript);
std::string transcript_of(const std::vector<std::string>& lines);

/// Content as the receiver of DATA understands it: final dot taken off, dots unstuffed.
std::string unstuffed(const std::string& received);

}  // namespace postern::test
