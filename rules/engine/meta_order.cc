#include "rules/engine/meta_order.h"

#include <algorithm>
#include <cstddef>

namespace postern {
namespace {

/// Peels off metas whose metas are all done (Kahn's method). What is left lies on a cycle or behind
/// one; peeling that from the other end leaves what lies on cycles.
class Peeling {
 public:
  Peeling(const std::vector<std::uint32_t>& metas,
          const std::vector<std::vector<std::uint32_t>>& operands)
      : metas_(metas), needs_(metas.size()) {
    const auto most = metas.empty() ? 0 : *std::ranges::max_element(metas);
    std::vector<std::size_t> place(static_cast<std::size_t>(most) + 1, nowhere);
    for (std::size_t i = 0; i < metas.size(); ++i) place[metas[i]] = i;
    for (std::size_t i = 0; i < metas.size(); ++i) {
      for (const auto operand : operands[i]) {
        if (operand <= most && place[operand] != nowhere) needs_[i].push_back(place[operand]);
      }
    }
  }

  MetaOrder run() {
    std::vector<bool> dropped(metas_.size());
    auto done = peel(dropped);
    MetaOrder out;
    if (done.size() < metas_.size()) {
      for (const auto i : on_cycles(done)) {
        dropped[i] = true;
        out.cyclic.push_back(metas_[i]);
      }
      done = peel(dropped);
    }
    for (const auto i : done) out.order.push_back(metas_[i]);
    return out;
  }

 private:
  static constexpr std::size_t nowhere = SIZE_MAX;
  using Places = std::vector<std::size_t>;

  Places peel(const std::vector<bool>& dropped) const {
    std::vector<std::size_t> open(metas_.size());
    std::vector<Places> users(metas_.size());
    Places order;
    for (std::size_t i = 0; i < metas_.size(); ++i) {
      if (dropped[i]) continue;
      for (const auto need : needs_[i]) {
        if (dropped[need]) continue;
        ++open[i];
        users[need].push_back(i);
      }
      if (open[i] == 0) order.push_back(i);
    }
    for (std::size_t next = 0; next < order.size(); ++next) {
      for (const auto user : users[order[next]]) {
        if (--open[user] == 0) order.push_back(user);
      }
    }
    return order;
  }

  Places on_cycles(const Places& solved) const {
    std::vector<bool> left(metas_.size(), true);
    for (const auto i : solved) left[i] = false;
    std::vector<std::size_t> users(metas_.size());
    for (std::size_t i = 0; i < metas_.size(); ++i) {
      if (!left[i]) continue;
      for (const auto need : needs_[i]) ++users[need];
    }
    Places unused;
    for (std::size_t i = 0; i < metas_.size(); ++i) {
      if (left[i] && users[i] == 0) unused.push_back(i);
    }
    for (std::size_t next = 0; next < unused.size(); ++next) {
      left[unused[next]] = false;
      for (const auto need : needs_[unused[next]]) {
        if (left[need] && --users[need] == 0) unused.push_back(need);
      }
    }
    Places out;
    for (std::size_t i = 0; i < metas_.size(); ++i) {
      if (left[i]) out.push_back(i);
    }
    return out;
  }

  const std::vector<std::uint32_t>& metas_;
  std::vector<Places> needs_;
};

}  // namespace

MetaOrder order_metas(const std::vector<std::uint32_t>& metas,
                      const std::vector<std::vector<std::uint32_t>>& operands) {
  return Peeling(metas, operands).run();
}

}  // namespace postern
