#include "rules/headers/prepared_patterns.h"

#include "rules/headers/received_line.h"

namespace postern {

void prepare_header_patterns() {
  prepare_address_lists();
  prepare_header_places();
  prepare_received_authentication();
  prepare_received_families();
  prepare_received_formats();
  prepare_received_senders();
  prepare_relays();
}

}  // namespace postern
