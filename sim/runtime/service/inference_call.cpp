// A call of the model, from the bytes of a request to those of its answer. Tensors are read and
// written on the workers: a large one takes milliseconds, in which the I/O thread serves others.

#include "sim/runtime/service/inference_call.h"

#include <boost/asio/post.hpp>
#include <exception>
#include <new>
#include <utility>

#include "models/base/memory_limit.h"
#include "sim/runtime/service/infer_reply.h"
#include "sim/runtime/service/infer_request.h"
#include "sim/runtime/service/request_error.h"

namespace offcut::runtime {
namespace {

namespace asio = boost::asio;

using Ended = std::function<void(HttpReply)>;

/// Returns what `make` returns, or the answer that its exception stands for.
template <class Make>
HttpReply reply_or_error(Make make) {
  try {
    return make();
  } catch (const RequestError& error) {
    return error_reply(error.status(), error.what());
  } catch (const MemoryError& error) {
    return error_reply(503, error.what());
  } catch (const std::bad_alloc&) {
    return error_reply(503, "not enough memory");
  } catch (const std::exception& error) {
    return error_reply(500, error.what());
  }
}

void end(HttpCore& core, const Ended& ended, HttpReply reply, bool had_started) {
  asio::post(core.io, [&core, ended, had_started, reply = std::move(reply)]() mutable {
    had_started ? core.metrics.call_finished() : core.metrics.call_refused();
    ended(std::move(reply));
  });
}

/// Hands the request to the model.
void start(HttpCore& core, std::shared_ptr<InferRequest> request, const Ended& ended) {
  asio::post(core.io, [&core] { core.metrics.call_started(); });
  auto inputs = std::exchange(request->inputs, {});
  core.answerer.infer(std::move(inputs), [weak = core.weak_from_this(), request,
                                          ended](CallResult result) {
    const auto live = weak.lock();
    if (live == nullptr) {
      return;
    }
    asio::post(live->workers, [&at = *live, request, ended, result = std::move(result)] {
      const ModelSpec& model = at.answerer.spec();
      end(at, ended, reply_or_error([&] { return infer_reply(model, *request, result); }), true);
    });
  });
}

void read(HttpCore& core, CallBody& body, const Ended& ended) {
  auto request = std::make_shared<InferRequest>();
  const HttpReply refusal = reply_or_error([&]() -> HttpReply {
    *request = read_infer_request(core.answerer.spec(), body.bytes, body.json_bytes);
    return {};
  });
  body = {};
  if (refusal.status != 200) {
    return end(core, ended, refusal, false);
  }
  start(core, std::move(request), ended);
}

}  // namespace

void begin_call(HttpCore& core, CallBody body, std::function<void(HttpReply)> ended) {
  core.metrics.call_queued();
  asio::post(core.workers, [&core, body = std::move(body), ended = std::move(ended)]() mutable {
    read(core, body, ended);
  });
}

}  // namespace offcut::runtime
