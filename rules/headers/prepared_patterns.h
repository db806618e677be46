// prepared_patterns.h — the fixed patterns of this folder, compiled before a message needs them.
//
// They are compiled at their first use, which in a cage would be too late: there nothing may become
// native code, so that they would run several times slower for as long as the worker lives, and
// each worker would compile its own. So loading rules calls prepare_header_patterns(), and a file
// with patterns of its own has a function here that uses them all once.
#pragma once

namespace postern {

void prepare_header_patterns();

void prepare_address_lists();
void prepare_header_places();
void prepare_received_authentication();
void prepare_received_families();
void prepare_received_senders();
void prepare_relays();

}  // namespace postern
