#include "filters/dmarc/organizations.h"

#include <libpsl.h>

#include <cstdlib>

#include "gateway/base/bytes.h"

namespace postern::dmarc {
namespace {

constexpr std::size_t longest_name = 253;

}  // namespace

Organizations::Organizations() : list_(psl_latest(nullptr)) {}
Organizations::~Organizations() { psl_free(list_); }

std::string Organizations::domain_of(std::string_view name) const {
  if (name.empty() || name.size() > longest_name || name.starts_with('.')) return "";
  if (name.find('\0') != std::string_view::npos) return "";
  char* folded = nullptr;
  std::string text = to_lower(name);
  if (psl_str_to_utf8lower(text.c_str(), nullptr, nullptr, &folded) == PSL_SUCCESS) {
    text = folded;
    psl_free_string(folded);
  }
  const char* const domain = psl_registrable_domain(list_, text.c_str());
  return domain == nullptr ? "" : domain;
}

}  // namespace postern::dmarc
