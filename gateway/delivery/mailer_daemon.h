// mailer_daemon.h — decides which letters are written about a message, and how many may leave.
//
// Between the dispatcher, which knows what became of a message, and the letters: bounce.h and
// notices.h say who is to hear, BounceLimit how many, ErrorManager what a postmaster wants. Nothing
// is stored here; what is returned must be, before its cause is forgotten. Lives on one loop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/delivery/bounce.h"
#include "gateway/delivery/error_manager.h"
#include "gateway/delivery/notices.h"
#include "policies/policies.h"

namespace postern {

class MailerDaemon {
 public:
  /// One configuration generation, as far as it matters here.
  struct Generation {
    std::shared_ptr<const NoticeSettings> notices;
    std::shared_ptr<const Policies> policies;
    std::string hostname;
    milliseconds queue_lifetime;
  };

  MailerDaemon(const Clock& clock, MessageIdSource& ids, ErrorManager::Post post);
  void configure(Generation generation);

  struct Outgoing {
    std::vector<Letter> letters;        // envelope.next_attempt: not before that
    std::vector<std::uint32_t> untold;  // failed recipients whose sender hears nothing
  };
  /// About failures. An Error is temporary (a table that cannot be read): the cause must stay.
  Result<Outgoing> failures(const Envelope& envelope, const Content& content,
                            std::vector<RecipientNews> failed);

  /// False for nearly all mail: then there is nothing to ask successes() for.
  bool may_tell_successes(const Envelope& envelope) const;
  /// What there is to tell about successes, and about what is late; none: nothing to write.
  std::vector<DsnRecipient> successes(const Envelope& envelope,
                                      const std::vector<RecipientNews>& delivered) const;
  std::vector<DsnRecipient> delays(const Envelope& envelope, const std::vector<RecipientNews>& open,
                                   milliseconds age) const;
  /// The letters that tell it. Over the limit there are none.
  Result<Outgoing> success_letters(const Envelope& envelope, const Content& content,
                                   std::vector<DsnRecipient> recipients);
  Result<Outgoing> delay_letters(const Envelope& envelope, const Content& content,
                                 std::vector<DsnRecipient> recipients);

  ErrorManager& errors() { return errors_; }
  /// Replaces the letter's recipient by those whom the aliases make of it. False: it has none.
  Result<bool> address(Letter& letter) const;

 private:
  LetterWriter writer() const;
  std::optional<milliseconds> admit(const Envelope& envelope, const std::string& recipient,
                                    BounceLimit::Patience patience);
  void tell_of_suppression();
  Result<> add(Outgoing& out, Letter letter) const;

  const Clock& clock_;
  MessageIdSource& ids_;
  Generation generation_;
  ErrorManager errors_;
  std::unique_ptr<BounceLimit> limit_;
};

}  // namespace postern
