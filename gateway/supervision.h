// supervision.h — what the supervisor tells the gateway: one octet, with a descriptor where due.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "gateway/base/unique_fd.h"
#include "gateway/configuration.h"

namespace postern {

/// reload: read the configuration again. scan_zygote, av_zygote: a new control socket comes along.
enum class Order : char { reload = 'R', scan_zygote = 'S', av_zygote = 'A' };

/// What a gateway process is born with.
struct GatewayParts {
  std::string configuration_path;
  std::shared_ptr<const Configuration> configuration;
  std::vector<UniqueFd> listeners;  // for each [[listener]], one for each session loop
  UniqueFd orders;
  UniqueFd scan_control, av_control;  // none where the pipeline needs none
};

/// Status of a gateway that no repetition would bring to life, since its spool was written by a later
/// version: the supervisor ends with it (EX_CONFIG) instead of starting another.
constexpr int futile_start = 78;

/// The gateway's process, already without privileges. Returns its exit status.
int run_gateway(GatewayParts parts);

}  // namespace postern
