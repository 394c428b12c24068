#include "sim/runtime/service/answer_writer.h"

#include <boost/beast/http.hpp>
#include <ctime>
#include <string>
#include <utility>

namespace offcut::runtime {
namespace {

namespace http = boost::beast::http;

std::string date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  gmtime_r(&now, &parts);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

/// The memory that must stay until the answer is sent.
struct Outgoing {
  Outgoing(HttpReply reply, const AnswerForm& form)
      : message(static_cast<http::status>(reply.status), form.version), serializer(message) {
    message.set(http::field::server, "offcut");
    message.set(http::field::date, date());
    if (!reply.content_type.empty()) {
      message.set(http::field::content_type, reply.content_type);
    }
    for (const auto& [name, value] : reply.fields) {
      message.set(name, value);
    }
    if (reply.status != 204) {
      message.content_length(reply.body.size());
    }
    message.keep_alive(form.keep_alive);
    message.body() = std::move(reply.body);
  }

  http::response<http::string_body> message;
  http::response_serializer<http::string_body> serializer;
};

}  // namespace

void write_answer(boost::asio::ip::tcp::socket& socket, HttpReply reply, const AnswerForm& form,
                  std::function<void(boost::system::error_code, std::size_t)> done) {
  const auto outgoing = std::make_shared<Outgoing>(std::move(reply), form);
  auto& serializer = outgoing->serializer;
  auto sent = [outgoing, done = std::move(done)](boost::system::error_code error,
                                                 std::size_t bytes) { done(error, bytes); };
  if (form.header_only) {
    serializer.split(true);
    http::async_write_header(socket, serializer, std::move(sent));
  } else {
    http::async_write(socket, serializer, std::move(sent));
  }
}

}  // namespace offcut::runtime
