"""Quantised networks, in both forms."""
import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn


class FakeQuantised(nn.Module):
    """Exported as QuantizeLinear and DequantizeLinear. Scales are powers of two, so that no rounding is ambiguous."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.last = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, padding=1, groups=4), nn.Linear(8, 5)

    @staticmethod
    def act(x, scale):
        return torch.fake_quantize_per_tensor_affine(x, scale, 10, 0, 255)

    @staticmethod
    def weight(w):
        scales = torch.full((w.size(0),), 2.0 ** -8)
        return torch.fake_quantize_per_channel_affine(w, scales, torch.zeros(w.size(0), dtype=torch.int32), 0, -128, 127)

    def forward(self, x):
        x = self.act(x, 2.0 ** -6)
        x = self.act(torch.relu(nn.functional.conv2d(x, self.weight(self.a.weight), self.a.bias, 2, 1)), 2.0 ** -6)
        x = x + self.act(nn.functional.conv2d(x, self.weight(self.b.weight), self.b.bias, 1, 1, groups=4), 2.0 ** -6)
        x = self.act(x.mean([2, 3]), 2.0 ** -6)
        return nn.functional.linear(x, self.weight(self.last.weight), self.last.bias)


def integer_network(seed=1):
    """QuantizeLinear, QLinearConv, QLinearMatMul and DequantizeLinear, with outputs computed by hand in exact integers."""
    draw = numpy.random.default_rng(seed)
    x = draw.standard_normal((1, 3, 8, 8)).astype(numpy.float32)
    conv = draw.integers(-100, 100, (4, 3, 3, 3)).astype(numpy.int8)
    bias = draw.integers(-500, 500, 4).astype(numpy.int32)
    dense = draw.integers(-100, 100, (256, 5)).astype(numpy.int8)
    number = lambda name, value: numpy_helper.from_array(numpy.asarray(value), name)
    f = numpy.float32
    constants = [number("xs", f(2 ** -6)), number("xz", numpy.uint8(128)), number("ws", f(2 ** -8)), number("wz", numpy.int8(0)),
                 number("ys", f(2 ** -5)), number("yz", numpy.uint8(100)), number("w", conv), number("b", bias),
                 number("d", dense), number("zs", f(2 ** -1)), number("zz", numpy.uint8(120)),
                 number("shape", numpy.array([1, 256], numpy.int64))]
    nodes = [helper.make_node("QuantizeLinear", ["x", "xs", "xz"], ["xq"]),
             helper.make_node("QLinearConv", ["xq", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"], ["yq"], pads=[1, 1, 1, 1]),
             helper.make_node("Reshape", ["yq", "shape"], ["rq"]),
             helper.make_node("QLinearMatMul", ["rq", "ys", "yz", "d", "ws", "wz", "zs", "zz"], ["zq"]),
             helper.make_node("DequantizeLinear", ["zq", "zs", "zz"], ["z"])]
    graph = helper.make_graph(nodes, "integers", [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
                              [helper.make_tensor_value_info("z", TensorProto.FLOAT, (1, 5))], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model)

    def quantised(values, scale, zero):
        return numpy.clip(numpy.rint(values / scale) + zero, 0, 255)
    xq = quantised(x.astype(numpy.float64), 2 ** -6, 128) - 128
    sums = nn.functional.conv2d(torch.from_numpy(xq), torch.from_numpy(conv.astype(numpy.float64)),
                                torch.from_numpy(bias.astype(numpy.float64)), padding=1).numpy()
    yq = quantised(sums * 2 ** -14, 2 ** -5, 100) - 100
    zq = quantised(yq.reshape(1, 256) @ dense.astype(numpy.float64) * 2 ** -13, 2 ** -1, 120)
    return model, [x], [((zq - 120) * 2 ** -1).astype(numpy.float32)]
