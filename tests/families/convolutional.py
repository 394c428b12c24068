"""The convolutional families, with their real structure and few channels."""
import torch
from torch import nn
from torch.nn import functional


def conv(i, o, k=3, s=1, p=None, g=1, act=nn.ReLU, norm=True):
    layers = [nn.Conv2d(i, o, k, s, (k // 2 if isinstance(k, int) else 0) if p is None else p, groups=g, bias=not norm)]
    if norm:
        layers.append(nn.BatchNorm2d(o))
    if act is not None:
        layers.append(act())
    return nn.Sequential(*layers)


class Residual(nn.Module):
    """The body's output plus its input, which is projected if the shape changes."""

    def __init__(self, body, shortcut=None, after=None):
        super().__init__()
        self.body, self.shortcut, self.after = body, shortcut or nn.Identity(), after or nn.Identity()

    def forward(self, x):
        return self.after(self.body(x) + self.shortcut(x))


class Side(nn.Module):
    """Branches that read the same tensor; their outputs are concatenated along the channels."""

    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


class SqueezeExcite(nn.Module):
    def __init__(self, c, squeezed, gate):
        super().__init__()
        self.down, self.up, self.gate = nn.Conv2d(c, squeezed, 1), nn.Conv2d(squeezed, c, 1), gate
        self.act = nn.SiLU() if isinstance(gate, nn.Sigmoid) else nn.ReLU()

    def forward(self, x):
        scale = functional.adaptive_avg_pool2d(x, 1)
        return x * self.gate(self.up(self.act(self.down(scale))))


class Mean(nn.Module):
    def forward(self, x):
        return x.mean([2, 3])


def head(c, classes=10):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, classes)]


def alexnet():
    return nn.Sequential(
        nn.Conv2d(3, 8, 11, 4, 2), nn.ReLU(), nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2),
        nn.Conv2d(8, 12, 5, padding=2), nn.ReLU(), nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2),
        nn.Conv2d(12, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 12, 3, padding=1), nn.ReLU(),
        nn.Conv2d(12, 12, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(3), nn.Flatten(),
        nn.Dropout(), nn.Linear(108, 32), nn.ReLU(), nn.Dropout(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 10),
        nn.LogSoftmax(1))


def vgg():
    layers, c = [], 3
    for widths in ((4,), (8,), (12, 12), (16, 16), (16, 16)):
        for width in widths:
            layers.append(conv(c, width))
            c = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(16, 32), nn.ReLU(), nn.Dropout(), nn.Linear(32, 10), nn.Softmax(1))


def basic(i, o, s):
    return Residual(nn.Sequential(conv(i, o, 3, s), conv(o, o, act=None)),
                    conv(i, o, 1, s, act=None) if s > 1 or i != o else None, nn.ReLU())


def bottleneck(i, inner, o, s, groups):
    return Residual(nn.Sequential(conv(i, inner, 1), conv(inner, inner, 3, s, g=groups), conv(inner, o, 1, act=None)),
                    conv(i, o, 1, s, act=None) if s > 1 or i != o else None, nn.ReLU())


def resnet():
    return nn.Sequential(conv(3, 8, 7, 2), nn.MaxPool2d(3, 2, 1), basic(8, 8, 1), basic(8, 8, 1), basic(8, 12, 2),
                         basic(12, 12, 1), basic(12, 16, 2), basic(16, 24, 2), *head(24))


def resnext():
    return nn.Sequential(conv(3, 8, 7, 2), nn.MaxPool2d(3, 2, 1), bottleneck(8, 16, 32, 1, 8), bottleneck(32, 16, 32, 1, 8),
                         bottleneck(32, 32, 48, 2, 8), bottleneck(48, 32, 48, 1, 8), *head(48))


def mobilenet_v1():
    def separable(i, o, s):
        return nn.Sequential(conv(i, i, 3, s, g=i), conv(i, o, 1))
    return nn.Sequential(conv(3, 8, 3, 2), separable(8, 16, 1), separable(16, 24, 2), separable(24, 24, 1),
                         separable(24, 32, 2), nn.AvgPool2d(4), nn.Flatten(), nn.Linear(32, 10), nn.Softmax(1))


def inverted(i, inner, o, k, s, act, excite=None):
    body = [conv(i, inner, 1, act=act), conv(inner, inner, k, s, g=inner, act=act)]
    if excite is not None:
        body.append(excite)
    body = nn.Sequential(*body, conv(inner, o, 1, act=None))
    return Residual(body) if s == 1 and i == o else body


def mobilenet_v2():
    act = nn.ReLU6
    return nn.Sequential(conv(3, 8, 3, 2, act=act), inverted(8, 48, 12, 3, 2, act), inverted(12, 72, 12, 3, 1, act),
                         inverted(12, 72, 16, 3, 2, act), conv(16, 48, 1, act=act), Mean(), nn.Dropout(), nn.Linear(48, 10))


def mobilenet_v3():
    act = nn.Hardswish
    return nn.Sequential(conv(3, 8, 3, 2, act=act), inverted(8, 8, 8, 3, 2, nn.ReLU, SqueezeExcite(8, 8, nn.Hardsigmoid())),
                         inverted(8, 24, 12, 5, 2, act, SqueezeExcite(24, 8, nn.Hardsigmoid())),
                         inverted(12, 36, 12, 5, 1, act, SqueezeExcite(36, 8, nn.Hardsigmoid())), conv(12, 36, 1, act=act),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(36, 24), nn.Hardswish(), nn.Linear(24, 10))


def efficientnet():
    act = nn.SiLU
    return nn.Sequential(conv(3, 8, 3, 2, act=act), inverted(8, 8, 8, 3, 1, act, SqueezeExcite(8, 2, nn.Sigmoid())),
                         inverted(8, 48, 12, 3, 2, act, SqueezeExcite(48, 2, nn.Sigmoid())),
                         inverted(12, 72, 12, 5, 1, act, SqueezeExcite(72, 3, nn.Sigmoid())), conv(12, 48, 1, act=act), *head(48))


def googlenet():
    def inception(i, a, b, c, d, e, f):
        return Side(conv(i, a, 1), nn.Sequential(conv(i, b, 1), conv(b, c)), nn.Sequential(conv(i, d, 1), conv(d, e, 3)),
                    nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), conv(i, f, 1)))
    return nn.Sequential(conv(3, 8, 7, 2), nn.MaxPool2d(3, 2, ceil_mode=True), conv(8, 8, 1), conv(8, 16),
                         nn.MaxPool2d(3, 2, ceil_mode=True), inception(16, 8, 8, 12, 4, 6, 6), inception(32, 8, 8, 12, 4, 6, 6),
                         nn.MaxPool2d(2, 2, ceil_mode=True), *head(32))


def inception_v3():
    a = Side(conv(16, 8, 1), nn.Sequential(conv(16, 6, 1), conv(6, 8, 5)),
             nn.Sequential(conv(16, 8, 1), conv(8, 8), conv(8, 8)), nn.Sequential(nn.AvgPool2d(3, 1, 1), conv(16, 8, 1)))
    c = Side(conv(32, 8, 1), nn.Sequential(conv(32, 6, 1), conv(6, 6, (1, 7), p=(0, 3)), conv(6, 8, (7, 1), p=(3, 0))),
             nn.Sequential(nn.AvgPool2d(3, 1, 1), conv(32, 8, 1)))
    d = Side(nn.Sequential(conv(24, 8, 1), conv(8, 12, 3, 2, 0)), nn.MaxPool2d(3, 2))
    e = Side(conv(36, 8, 1), nn.Sequential(conv(36, 8, 1), Side(conv(8, 8, (1, 3), p=(0, 1)), conv(8, 8, (3, 1), p=(1, 0)))))
    return nn.Sequential(conv(3, 8, 3, 2, 0), conv(8, 8, 3, 1, 0), conv(8, 16), nn.MaxPool2d(3, 2), a, c, d, e,
                         nn.AdaptiveAvgPool2d(1), nn.Dropout(), nn.Flatten(), nn.Linear(24, 10))


class Dense(nn.Module):
    def __init__(self, c, growth, layers):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(c + i * growth), nn.ReLU(), nn.Conv2d(c + i * growth, 4 * growth, 1, bias=False),
                          nn.BatchNorm2d(4 * growth), nn.ReLU(), nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False))
            for i in range(layers))

    def forward(self, x):
        made = [x]
        for layer in self.layers:
            made.append(layer(torch.cat(made, 1)))
        return torch.cat(made, 1)


def densenet():
    transition = nn.Sequential(nn.BatchNorm2d(20), nn.ReLU(), nn.Conv2d(20, 10, 1, bias=False), nn.AvgPool2d(2))
    return nn.Sequential(conv(3, 8, 7, 2), nn.MaxPool2d(3, 2, 1), Dense(8, 4, 3), transition, Dense(10, 4, 3),
                         nn.BatchNorm2d(22), nn.ReLU(), *head(22))


def squeezenet():
    def fire(i, squeezed, o):
        return nn.Sequential(conv(i, squeezed, 1, norm=False),
                             Side(conv(squeezed, o, 1, norm=False), conv(squeezed, o, 3, norm=False)))
    return nn.Sequential(conv(3, 12, 3, 2, 0, norm=False), nn.MaxPool2d(3, 2, ceil_mode=True), fire(12, 4, 8), fire(16, 4, 8),
                         nn.MaxPool2d(3, 2, ceil_mode=True), fire(16, 6, 12), nn.Dropout(), nn.Conv2d(24, 10, 1), nn.ReLU(),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten())


class ShuffleUnit(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        half = o // 2
        self.split = s == 1
        inner = i // 2 if self.split else i
        self.right = nn.Sequential(conv(inner, half, 1), conv(half, half, 3, s, g=half, act=None), conv(half, half, 1))
        self.left = nn.Identity() if self.split else nn.Sequential(conv(i, i, 3, s, g=i, act=None), conv(i, half, 1))

    def forward(self, x):
        if self.split:
            left, right = x.chunk(2, dim=1)
        else:
            left = right = x
        x = torch.cat((self.left(left), self.right(right)), dim=1)
        n, c, h, w = x.size()
        return x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)


def shufflenet_v2():
    return nn.Sequential(conv(3, 8, 3, 2), nn.MaxPool2d(3, 2, 1), ShuffleUnit(8, 16, 2), ShuffleUnit(16, 16, 1),
                         ShuffleUnit(16, 32, 2), ShuffleUnit(32, 32, 1), conv(32, 48, 1), Mean(), nn.Linear(48, 10))


class UNet(nn.Module):
    """A U-Net; `up(i, o)` builds a module that doubles an image of i channels and gives it o channels."""

    def __init__(self, up):
        super().__init__()
        def double(i, o):
            return nn.Sequential(conv(i, o), conv(o, o))
        self.a, self.b, self.c = double(3, 6), double(6, 10), double(10, 16)
        self.up_b, self.up_a = up(16, 10), up(10, 6)
        self.d, self.e, self.last = double(20, 10), double(12, 6), nn.Conv2d(6, 2, 1)

    def forward(self, x):
        a = self.a(x)
        b = self.b(functional.max_pool2d(a, 2))
        x = self.up_b(self.c(functional.max_pool2d(b, 2)))
        # The skip may be a pixel larger, as in the usual implementations.
        dy, dx = b.size(2) - x.size(2), b.size(3) - x.size(3)
        x = functional.pad(x, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])
        x = self.up_a(self.d(torch.cat([b, x], 1)))
        return self.last(self.e(torch.cat([a, x], 1)))


def unet_transposed():
    return UNet(lambda i, o: nn.ConvTranspose2d(i, o, 2, 2))


def unet_aligned():
    return UNet(lambda i, o: nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), nn.Conv2d(i, o, 1)))


def unet_bilinear():
    return UNet(lambda i, o: nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False), nn.Conv2d(i, o, 1)))


class Yolo(nn.Module):
    """A backbone with two scales, routed as in version 3, and the decoding of boxes as exporters write it."""

    ANCHORS = (((10., 14.), (23., 27.)), ((81., 82.), (135., 169.)))

    def __init__(self, classes=3):
        super().__init__()
        self.outputs = classes + 5
        leaky = lambda: nn.LeakyReLU(0.1)
        self.fine = nn.Sequential(conv(3, 8, act=leaky), nn.MaxPool2d(2), conv(8, 12, act=leaky), nn.MaxPool2d(2))
        self.coarse = nn.Sequential(conv(12, 16, act=leaky), nn.MaxPool2d(2), conv(16, 24, act=leaky),
                                    nn.ZeroPad2d((0, 1, 0, 1)), nn.MaxPool2d(2, 1))
        self.route = nn.Sequential(conv(24, 8, 1, act=leaky), nn.Upsample(scale_factor=2))
        self.last = nn.ModuleList([nn.Conv2d(20, 2 * self.outputs, 1), nn.Conv2d(24, 2 * self.outputs, 1)])

    def decode(self, x, anchors, stride):
        n, _, h, w = x.shape
        x = x.view(n, 2, self.outputs, h, w).permute(0, 1, 3, 4, 2).contiguous().sigmoid()
        ys, xs = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
        grid = torch.stack((xs, ys), 2).view(1, 1, h, w, 2).float()
        xy = (x[..., 0:2] * 2. - 0.5 + grid) * stride
        wh = (x[..., 2:4] * 2) ** 2 * torch.tensor(anchors).view(1, 2, 1, 1, 2)
        return torch.cat((xy, wh, x[..., 4:]), -1).view(n, -1, self.outputs)

    def forward(self, x):
        fine = self.fine(x)
        coarse = self.coarse(fine)
        fine = torch.cat((self.route(coarse), fine), 1)
        parts = [self.decode(last(y), anchors, stride) for last, y, anchors, stride in
                 zip(self.last, (fine, coarse), self.ANCHORS, (4, 8))]
        return torch.cat(parts, 1)


def sound_1d():
    def block(i, o, d):
        return nn.Sequential(nn.Conv1d(i, o, 3, padding=d, dilation=d), nn.BatchNorm1d(o), nn.PReLU(o))
    return nn.Sequential(nn.Conv1d(1, 8, 9, 4), nn.ELU(), block(8, 12, 1), Residual(block(12, 12, 2)), Residual(block(12, 12, 4)),
                         nn.MaxPool1d(2), nn.ConvTranspose1d(12, 6, 4, 2, 1), nn.GroupNorm(2, 6), nn.AdaptiveAvgPool1d(1),
                         nn.Flatten(), nn.Linear(6, 5))


def video_3d():
    return nn.Sequential(nn.Conv3d(3, 6, 3, padding=1), nn.BatchNorm3d(6), nn.ReLU(), nn.MaxPool3d((1, 2, 2)),
                         nn.Conv3d(6, 10, (3, 3, 3), (2, 2, 2), 1), nn.InstanceNorm3d(10, affine=True), nn.ReLU(),
                         nn.AvgPool3d(2), nn.Conv3d(10, 12, (1, 3, 3), padding=(0, 1, 1), groups=2), nn.ReLU(),
                         nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(12, 5))
