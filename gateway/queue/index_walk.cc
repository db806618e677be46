// index_walk.cc — looking at messages without changing them: one, all, or in slices.
#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "gateway/queue/index_entry.h"

namespace postern {

namespace {

constexpr std::size_t slice_pages = 4;  // of 256 messages each
constexpr std::size_t look_ahead = 8;   // covers the time that memory takes to answer
constexpr int patience_with_waiters = 50;

}  // namespace

Index::Walk::Walk(const Index& index) : index_(index) {
  const Lock lock(index_);
  index_.texts_.keep_numbers();
}

Index::Walk::~Walk() {
  const Lock lock(index_);
  index_.texts_.release_numbers();
}

bool Index::Walk::step(const SeeKnown& see) {
  bool more = false;
  {
    const Lock lock(index_);
    const auto end = std::min(page_ + slice_pages, index_.entries_.pages());
    for (; page_ < end; ++page_) {
      const auto blocks = index_.entries_.blocks_of_page(page_);
      for (std::size_t i = 0; i < blocks; ++i) {
        if (i + look_ahead < blocks) index_.prefetch(BlockArena::block(page_, i + look_ahead));
        Entry& entry = index_.entry(BlockArena::block(page_, i));
        if (entry.used) see(index_.known(entry));
      }
    }
    more = page_ < index_.entries_.pages();
  }
  for (int i = 0; i < patience_with_waiters && index_.waiting_ > 0; ++i) std::this_thread::yield();
  return more;
}

/// Texts lie anywhere: asked for early, they come while others are looked at.
void Index::prefetch(std::uint32_t slot) const {
  const Entry& e = entry(slot);
  if (!e.used) return;
  texts_.prefetch(e.sender);
  texts_.prefetch(e.recipients);
}

namespace {

std::string open_of(std::string_view addresses, const RecipientStates& states) {
  std::string out;
  for (std::uint32_t i = 0; i < states.count(); ++i) {
    const auto line = addresses.substr(0, addresses.find('\n') + 1);
    addresses.remove_prefix(line.size());
    if (states.at(i) == RecipientState::queued) out += line;
  }
  return out;
}

void see_summary(const Index::Known& known, const Spool::See& see) {
  MessageSummary out{known.id,
                     known.arrival,
                     known.size,
                     known.attempts,
                     known.next_attempt,
                     known.sender.octets,
                     known.client.octets,
                     known.last_reply.octets,
                     known.hold.octets,
                     known.route.octets,
                     known.delay_notice_sent,
                     known.recipients.octets,
                     known.recipients.number};
  std::string open;
  if (known.states.open() < known.states.count()) {
    open = open_of(known.recipients.octets, known.states);
    out.recipients = open;
    out.recipients_key = 0;
  }
  see(out);
}

}  // namespace

bool Index::look(MessageId id, const Spool::See& see) const {
  const Lock lock(*this);
  const auto slot = slot_of(id);
  if (slot == 0) return false;
  see_summary(known(entry(slot)), see);
  return true;
}

void Index::look_at_all(const Spool::See& see) const {
  Walk walk(*this);
  while (walk.step([&](const Known& known) { see_summary(known, see); })) {
  }
}

void Index::look_in_order(const Spool::See& see) const {
  const Lock lock(*this);
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
  order.reserve(size_);
  for (std::size_t page = 0; page < entries_.pages(); ++page) {
    for (std::size_t i = 0; i < entries_.blocks_of_page(page); ++i) {
      const auto slot = BlockArena::block(page, i);
      if (entry(slot).used) order.emplace_back(entry(slot).id, slot);
    }
  }
  std::ranges::sort(order);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i + look_ahead < order.size()) prefetch(order[i + look_ahead].second);
    see_summary(known(entry(order[i].second)), see);
  }
}

std::vector<MessageId> Index::ids() const {
  std::vector<MessageId> out;
  out.reserve(size());
  Walk walk(*this);
  while (walk.step([&](const Known& known) { out.push_back(known.id); })) {
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace postern
