// commands.h — what `postern` does beside serving and the queue: tools that need no gateway.
//
// Each prints TSV on standard output and messages on standard error, and returns the exit status:
// 0 where the run itself worked, 66 where an input cannot be read, 78 for mistakes in
// configuration.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace postern {

const char* version();

int check_configuration(const std::string& path);
int print_manual();

int query_map(const std::string& map, const std::string& key);
int check_map(const std::string& map);

int show_mime(const std::string& path, bool json);
int test_sandbox();

/// Calls `use` with the control socket: the one given, or the configuration's.
int with_control_socket(const std::string& given, const std::string& configuration,
                        const std::function<int(const std::string&)>& use);

}  // namespace postern
