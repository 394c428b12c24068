// One connection: reads a header, decides, reads a body, has it computed, answers, and begins
// again. Everything happens on the I/O thread; calls of the model go through the workers. Each
// stage has a time limit. An answer that leaves a part of its request unread ends the connection,
// after what still comes was read for a moment: closing a socket with unread bytes would take the
// answer away from the peer.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "sim/runtime/service/answer_writer.h"
#include "sim/runtime/service/http_core.h"
#include "sim/runtime/service/inference_call.h"
#include "sim/runtime/service/reading_error.h"

namespace offcut::runtime {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr Seconds kStalled{1};  // A peer that is slower may lose its place.
constexpr Seconds kLinger{2};
constexpr Seconds kLastLinger{0.05};  // When the service stops.
constexpr std::size_t kChunkBytes = 64 * 1024;

Outcome outcome_of(unsigned status) {
  switch (status) {
    case 200:
      return Outcome::answered;
    case 429:
      return Outcome::overloaded;
    case 503:
      return Outcome::unavailable;
    case 500:
      return Outcome::error;
    default:
      return Outcome::invalid;
  }
}

HttpReply with_retry(HttpReply reply) {
  reply.fields.emplace_back("Retry-After", "1");
  return reply;
}

class Session final : public HttpSession, public std::enable_shared_from_this<Session> {
 public:
  Session(HttpCore& core, tcp::socket socket, std::string peer)
      : core_(core), socket_(std::move(socket)), timer_(core.io), peer_(std::move(peer)) {}

  void begin() {
    core_.sessions.insert(shared_from_this());
    core_.metrics.connection_opened();
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    wait_for_request();
  }

  const std::string& peer() const override { return peer_; }
  Seconds waits_since() const override { return waits_since_; }
  bool may_be_evicted(Seconds now) const override {
    const bool between = stage_ == Stage::idle || stage_ == Stage::header;
    return between || (stage_ != Stage::computing && now - waits_since_ > kStalled);
  }

  void stop() override {
    if (stage_ == Stage::idle || stage_ == Stage::header) {
      close();
    }
  }

  void close() override {
    if (stage_ == Stage::closed) {
      return;
    }
    stage_ = Stage::closed;
    disarm();
    error_code ignored;
    socket_.close(ignored);
    core_.metrics.connection_closed();
    core_.end(shared_from_this());
  }

 private:
  enum class Stage { idle, header, body, computing, writing, lingering, closed };

  /// The call with this number has ended.
  void call_ended(std::uint64_t number, HttpReply reply) {
    if (stage_ != Stage::computing || number != call_) {
      return;  // It was answered when its time was over.
    }
    disarm();
    core_.metrics.call_ended(outcome_of(reply.status), core_.now() - call_began_);
    respond(std::move(reply), true);
  }

  void enter(Stage stage, Seconds limit) {
    stage_ = stage;
    waits_since_ = core_.now();
    timer_.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double>(limit.si())));
    timer_.async_wait([self = shared_from_this(), armed = ++armed_](error_code error) {
      if (!error && armed == self->armed_) {
        self->run_out();
      }
    });
  }

  void disarm() {
    ++armed_;
    timer_.cancel();
  }

  /// The time limit of a stage is over.
  void run_out() {
    switch (stage_) {
      case Stage::header:
      case Stage::body: {
        timed_out_ = true;  // The read ends, and its handler answers.
        error_code ignored;
        socket_.cancel(ignored);
        return;
      }
      case Stage::computing:
        core_.metrics.call_ended(Outcome::timed_out, core_.now() - call_began_);
        return respond(error_reply(503, fmt::format("no answer within {}",
                                                    to_text(core_.settings.compute_time))),
                       true);
      case Stage::idle:
      case Stage::writing:
      case Stage::lingering:
      case Stage::closed:
        return close();
    }
  }

  void wait_for_request() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(core_.settings.header_bytes));
    parser_->body_limit(core_.settings.body_bytes);
    timed_out_ = false;
    if (core_.stopping) {
      return close();
    }
    if (buffer_.size() > 0) {
      return read_header();
    }
    buffer_ = beast::flat_buffer();  // Frees what a large request took.
    enter(Stage::idle, core_.settings.idle_time);
    socket_.async_read_some(buffer_.prepare(4096),
                            [self = shared_from_this()](error_code error, std::size_t bytes) {
                              if (self->stage_ == Stage::closed) {
                                return;
                              }
                              if (error) {
                                return self->close();
                              }
                              self->buffer_.commit(bytes);
                              self->read_header();
                            });
  }

  void read_header() {
    enter(Stage::header, core_.settings.header_time);
    http::async_read_header(socket_, buffer_, *parser_,
                            [self = shared_from_this()](error_code error, std::size_t bytes) {
                              self->on_header(error, bytes);
                            });
  }

  /// Answers an error of reading, if there is still somebody to answer. Returns whether there was
  /// one.
  bool failed(error_code error) {
    if (stage_ == Stage::closed) {
      return true;
    }
    if (timed_out_) {
      respond(error_reply(408,
                          fmt::format("the {} took longer than {}",
                                      stage_ == Stage::header ? "header" : "body",
                                      to_text(stage_ == Stage::header ? core_.settings.header_time
                                                                      : core_.settings.body_time))),
              false);
      return true;
    }
    if (!error) {
      return false;
    }
    disarm();
    if (auto reply = reading_error(error, core_.settings)) {
      respond(std::move(*reply), false);
    } else {
      close();
    }
    return true;
  }

  RequestHead head() const {
    const auto& message = parser_->get();
    const auto field = [&](const auto& name) -> std::optional<std::string> {
      const auto found = message.find(name);
      return found == message.end() ? std::nullopt : std::optional(std::string(found->value()));
    };
    return {.method = std::string(message.method_string()),
            .target = std::string(message.target()),
            .authorization = field(http::field::authorization),
            .content_type = field(http::field::content_type),
            .content_encoding = field(http::field::content_encoding),
            .json_bytes = field("Inference-Header-Content-Length")};
  }

  void on_header(error_code error, std::size_t bytes) {
    core_.metrics.received(bytes);
    route_.reset();
    if (failed(error)) {
      return;
    }
    disarm();
    Decision decision = core_.front.decide(head());
    route_ = decision.route;
    if (!decision.reply && decision.route == Route::metrics) {
      decision.reply = metrics();
    }
    if (decision.reply) {
      return respond(std::move(*decision.reply), parser_->is_done());
    }
    json_bytes_ = decision.json_bytes;
    expect_body();
  }

  HttpReply metrics() const {
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
            .body = core_.metrics.text({.model = core_.answerer.spec().name,
                                        .version = core_.settings.version,
                                        .ready = core_.answerer.is_ready(),
                                        .body_bytes = core_.body_bytes})};
  }

  /// Tells a peer that waits for it to go on.
  void expect_body() {
    body_.clear();
    filled_ = 0;
    share_ = std::make_shared<BodyShare>(core_.body_bytes);
    enter(Stage::body, core_.settings.body_time);
    const auto expected = parser_->get().find(http::field::expect);
    if (expected == parser_->get().end() || parser_->get().version() < 11) {
      return read_body();
    }
    if (!beast::iequals(expected->value(), "100-continue")) {
      return respond(error_reply(417, "expected no Expect but 100-continue"), false);
    }
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(socket_, asio::buffer(kContinue),
                      [self = shared_from_this()](error_code error, std::size_t bytes) {
                        self->core_.metrics.sent(bytes);
                        if (!self->failed(error)) {
                          self->read_body();
                        }
                      });
  }

  /// Makes room for more of the body. Memory grows with the bytes that have come, whatever length
  /// the request claims.
  bool grow_body() {
    const std::size_t most = parser_->content_length()
                                 ? static_cast<std::size_t>(*parser_->content_length())
                                 : core_.settings.body_bytes + 1;
    const std::size_t bytes = std::min(std::max(2 * body_.size(), kChunkBytes), most);
    if (!share_->grow_to(bytes, core_.settings.all_body_bytes)) {
      return false;
    }
    body_.resize(bytes);
    return true;
  }

  void read_body() {
    if (parser_->is_done()) {
      return call();
    }
    if (filled_ == body_.size() && !grow_body()) {
      disarm();
      return respond(with_retry(error_reply(503, "too many bodies are being read")), false);
    }
    auto& target = parser_->get().body();
    target.data = body_.data() + filled_;
    target.size = body_.size() - filled_;
    target.more = true;
    http::async_read_some(socket_, buffer_, *parser_,
                          [self = shared_from_this()](error_code error, std::size_t bytes) {
                            self->on_body(error, bytes);
                          });
  }

  void on_body(error_code error, std::size_t bytes) {
    core_.metrics.received(bytes);
    if (error == http::error::need_buffer) {
      error = {};
    }
    if (failed(error)) {
      return;
    }
    filled_ = body_.size() - parser_->get().body().size;
    waits_since_ = core_.now();
    read_body();
  }

  void call() {
    disarm();
    body_.resize(filled_);
    if (core_.metrics.calls() >= static_cast<std::int64_t>(core_.settings.calls)) {
      core_.metrics.call_ended(Outcome::overloaded, Seconds(0));
      return respond(with_retry(error_reply(
                         429, fmt::format("{} calls are under way", core_.metrics.calls()))),
                     true);
    }
    enter(Stage::computing, core_.settings.compute_time);
    call_began_ = waits_since_;
    begin_call(core_, {std::exchange(body_, {}), std::move(share_), json_bytes_},
               [self = weak_from_this(), number = ++call_](HttpReply reply) {
                 if (const auto session = self.lock()) {
                   session->call_ended(number, std::move(reply));
                 }
               });
  }

  void respond(HttpReply reply, bool keep) {
    core_.metrics.reply(route_, reply.status);
    share_.reset();
    const auto& request = parser_->get();
    const bool keeps = keep && !core_.stopping && parser_->keep_alive();
    enter(Stage::writing, core_.settings.write_time);
    write_answer(socket_, std::move(reply),
                 {.version = request.version() == 10 ? 10U : 11U,
                  .header_only = request.method() == http::verb::head,
                  .keep_alive = keeps},
                 [self = shared_from_this(), keeps](error_code error, std::size_t bytes) {
                   self->on_written(error, bytes, keeps);
                 });
  }

  void on_written(error_code error, std::size_t bytes, bool keeps) {
    core_.metrics.sent(bytes);
    if (stage_ == Stage::closed) {
      return;
    }
    disarm();
    body_ = {};
    if (error) {
      close();
    } else if (keeps) {
      wait_for_request();
    } else {
      linger();
    }
  }

  /// The answer is sent; what the peer still sends is read for a moment.
  void linger() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    enter(Stage::lingering, core_.stopping ? kLastLinger : kLinger);
    buffer_ = beast::flat_buffer();
    discard();
  }

  void discard() {
    socket_.async_read_some(buffer_.prepare(kChunkBytes),
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (self->stage_ == Stage::closed) {
                                return;
                              }
                              if (error) {
                                return self->close();
                              }
                              self->discard();
                            });
  }

  HttpCore& core_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  std::uint64_t armed_ =
      0;  // Counts time limits: a timer that is cancelled too late has no effect.
  std::string peer_;
  Stage stage_ = Stage::idle;
  Seconds waits_since_;
  bool timed_out_ = false;

  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::buffer_body>> parser_;
  std::optional<Route> route_;
  std::optional<std::size_t> json_bytes_;
  std::string body_;
  std::size_t filled_ = 0;
  std::shared_ptr<BodyShare> share_;

  std::uint64_t call_ = 0;
  Seconds call_began_;
};

}  // namespace

void begin_session(HttpCore& core, tcp::socket socket, std::string peer) {
  std::make_shared<Session>(core, std::move(socket), std::move(peer))->begin();
}

}  // namespace offcut::runtime
