// Makes the spans that an observer sees from the state of the requests that they belong to.

#include "sim/engine/core/spans.h"

#include "sim/engine/core/request_pool.h"

namespace offcut::engine {
namespace {

Span span_of(const Request* request) {
  const RequestRecord& record = request->record;
  Span span{.number = record.request,
            .request_class = record.request_class,
            .device = record.device,
            .place = request->stage,
            .failures = record.failures};
  if (request->of_tasks) {
    span.owner = Span::Owner::task;
    span.number -= RequestPool::kFirstTask;
  } else if (request->of_updates || request->is_side()) {
    span.owner = request->of_updates ? Span::Owner::update : Span::Owner::message;
    span.number = -1 - record.request;
  }
  return span;
}

}  // namespace

Span span_of_computation(const Request* request, std::size_t machine, Seconds begin) {
  Span span = span_of(request);
  span.which = machine;
  span.begin = begin;
  if (!request->of_tasks) {
    const Stage& stage = request->route->stage(request->stage);
    span.layers = request->tail ? stage.tail_layers : stage.layers;
  }
  return span;
}

Span span_of_message(const Request* request, std::size_t link, Seconds now) {
  Span span = span_of(request);
  span.kind = Span::Kind::message;
  span.up = request->up;
  span.which = link;
  span.bytes = request->bytes;
  span.begin = Seconds(request->since);
  span.work = std::min(std::max(Seconds(request->sent_from), span.begin), now);
  span.left = span.end = now;
  span.wait = request->in_line;
  return span;
}

}  // namespace offcut::engine
