// storm_desk.h — storm.on, storm.off and storm.status as requests and answers in JSON lines.
//
//     -> {"v":1,"command":"storm.on","preset":"brute","why":"bot on 10.0.0.66"}
//     <- {"name":"park","state":"done","messages":81234,"text":"deferred mail that …"}
//     <- {"v":1,"end":true,"count":81234}
#pragma once

#include <string>
#include <string_view>

#include "gateway/control/storm.h"
#include "policies/storm_watch.h"

namespace postern {

class StormDesk {
 public:
  StormDesk(Storm& storm, StormWatch& watch, const Clock& clock)
      : storm_(storm), watch_(watch), clock_(clock) {}

  /// Whether a request is for this desk.
  static bool means(std::string_view request);
  /// The last line has "end": true. Who hangs up has still asked for all of it.
  Task<void> answer(std::string request, DeskAnswer::Send send);

 private:
  Storm::Ended run(std::string request, DeskAnswer& answer);
  Storm::Ended show(Storm::Say say);

  Storm& storm_;
  StormWatch& watch_;
  const Clock& clock_;
};

}  // namespace postern
