// maildir_transport.h — delivery into a Maildir on this machine.
//
// One file for each recipient: written in tmp/ under a name that is never used twice, synced, then
// linked into new/ and the folder synced: the 250 that the queue takes from it survives a power
// cut. The octets are the message's own, CRLF included, with a Return-Path field on top.
// Missing folders are made (0700). The work is done on a thread of the BlockingPool.
#pragma once

#include "gateway/delivery/settings.h"
#include "gateway/delivery/transport.h"
#include "gateway/net/blocking.h"

namespace postern {

class MaildirTransport final : public Transport {
 public:
  MaildirTransport(const DeliveryContext& context, BlockingPool& threads);
  Task<DeliveryOutcome> deliver(DeliveryJob job) override;

 private:
  const DeliveryContext& context_;
  BlockingPool& threads_;
};

}  // namespace postern
