// reactor.h — Asio, for the .cc files of this folder only.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "gateway/net/loop.h"

namespace postern {

struct Loop::Reactor {
  boost::asio::io_context io{1};  // one thread runs it; others only post
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
};

}  // namespace postern
