// meta_order.h — metas in an order in which each stands behind those that it depends on.
#pragma once

#include <cstdint>
#include <vector>

namespace postern {

struct MetaOrder {
  std::vector<std::uint32_t> order;
  std::vector<std::uint32_t> cyclic;  // depend on themselves, and are not in the order
};

/// `metas` are rule numbers; `operands[i]` what metas[i] depends on: numbers, of any rules. A rule
/// that only depends on a cyclic one is in the order. Linear, without recursion.
MetaOrder order_metas(const std::vector<std::uint32_t>& metas,
                      const std::vector<std::vector<std::uint32_t>>& operands);

}  // namespace postern
