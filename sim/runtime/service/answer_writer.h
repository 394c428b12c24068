#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <functional>
#include <memory>

#include "sim/runtime/service/http_reply.h"

namespace offcut::runtime {

/// How an answer goes out.
struct AnswerForm {
  unsigned version = 11;     // 10 is HTTP/1.0.
  bool header_only = false;  // To HEAD.
  bool keep_alive = false;
};

/// Sends an answer and calls back with the bytes that went out. The socket must outlive that call.
void write_answer(boost::asio::ip::tcp::socket& socket, HttpReply reply, const AnswerForm& form,
                  std::function<void(boost::system::error_code, std::size_t)> done);

}  // namespace offcut::runtime
