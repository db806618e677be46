#include "filters/dkim/signed_header.h"

#include "gateway/base/bytes.h"

namespace postern::dkim {

FieldIndex::FieldIndex(const SplitMessage& message) : message_(message) {
  for (std::size_t i = 0; i < message.fields.size(); ++i)
    by_name_[to_lower(message.fields[i].name)].push_back(i);
}

std::string FieldIndex::signed_octets(const Signature& signature, std::size_t field) const {
  std::string out;
  std::map<std::string_view, std::size_t> used;  // of a name, counted from the bottom
  for (const std::string& name : signature.signed_fields) {
    const auto named = by_name_.find(name);
    if (named == by_name_.end()) continue;
    const auto& places = named->second;
    std::size_t& count = used[name];
    // It was not there when it was made, so h= cannot mean it.
    if (count < places.size() && places[places.size() - 1 - count] == field) ++count;
    if (count >= places.size()) continue;  // §5.4.2: a field that is not there is the empty string
    append_canonical_field(out, message_.fields[places[places.size() - 1 - count]].whole,
                           signature.header);
    ++count;
  }
  const HeaderField& own = message_.fields[field];
  append_canonical_field(out, without_signature(own.whole, own.value), signature.header);
  out.resize(out.size() - 2);  // §3.7: without its line end
  return out;
}

}  // namespace postern::dkim
