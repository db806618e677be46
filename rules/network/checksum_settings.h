// checksum_settings.h — what rule files say about Pyzor, DCC and Razor (Plugin/Pyzor.pm, DCC.pm and
// Razor2.pm of SpamAssassin 4.0.1).
//
// Where their servers and clients are is the gateway's configuration: rule files name programs and
// sockets there, which nobody starts here.
#pragma once

#include "rules/base/setting.h"

namespace postern {

struct ChecksumSettings {
  bool use_pyzor = true;
  double pyzor_count = 5;             // pyzor_count_min
  double pyzor_welcome = 10;          // pyzor_welcomelist_min
  double pyzor_welcome_factor = 0.2;  // pyzor_welcomelist_factor

  bool use_dcc = true;
  bool use_dcc_reputation = true;  // use_dcc_rep
  double dcc_body = 999999;        // dcc_body_max
  double dcc_fuz1 = 999999;
  double dcc_fuz2 = 999999;
  double dcc_reputation = 90;  // dcc_rep_percent

  bool use_razor = true;  // use_razor2
};

SettingTable checksum_directives();

}  // namespace postern
