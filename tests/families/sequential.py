"""The families that read sequences: attention and recurrence."""
import math

import torch
from torch import nn
from torch.nn import functional


class Encoder(nn.Module):
    """PyTorch's own encoder."""

    def __init__(self, width=16):
        super().__init__()
        layer = nn.TransformerEncoderLayer(width, 4, 32, batch_first=True, activation="gelu")
        self.layers = nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(width), enable_nested_tensor=False)

    def forward(self, x):
        return self.layers(x)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.size = heads, width // heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.last = nn.Linear(width, width)

    def split(self, x):
        x = x.view(x.size()[:-1] + (self.heads, self.size))
        return x.permute(0, 2, 1, 3)

    def forward(self, x, mask):
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(self.size) + mask
        mixed = torch.matmul(functional.softmax(scores, dim=-1), v).permute(0, 2, 1, 3).contiguous()
        return self.last(mixed.view(mixed.size()[:-2] + (self.heads * self.size,)))


class Bert(nn.Module):
    """BERT as HuggingFace writes it: masks computed from integers, a pooler on the first token."""

    def __init__(self, width=16, words=40):
        super().__init__()
        self.words, self.places, self.kinds = nn.Embedding(words, width), nn.Embedding(32, width), nn.Embedding(2, width)
        self.register_buffer("ids", torch.arange(32).expand((1, -1)))
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.attention = nn.ModuleList(Attention(width, 4) for _ in range(2))
        self.inner = nn.ModuleList(nn.Linear(width, 32) for _ in range(2))
        self.outer = nn.ModuleList(nn.Linear(32, width) for _ in range(2))
        self.norms = nn.ModuleList(nn.LayerNorm(width, eps=1e-12) for _ in range(4))
        self.pooler = nn.Linear(width, width)

    def forward(self, input_ids, attention_mask, token_type_ids):
        length = input_ids.size()[1]
        x = self.words(input_ids) + self.kinds(token_type_ids) + self.places(self.ids[:, :length])
        x = self.norm(x)
        mask = (1.0 - attention_mask[:, None, None, :].to(x.dtype)) * -10000.0
        for i in range(2):
            x = self.norms[2 * i](x + self.attention[i](x, mask))
            y = self.inner[i](x)
            y = y * 0.5 * (1.0 + torch.erf(y / math.sqrt(2.0)))
            x = self.norms[2 * i + 1](x + self.outer[i](y))
        return x, torch.tanh(self.pooler(x[:, 0]))


class Vit(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 8, 8)
        self.label = nn.Parameter(torch.randn(1, 1, width))
        self.places = nn.Parameter(torch.randn(1, 17, width))
        self.norms = nn.ModuleList(nn.LayerNorm(width, eps=1e-6) for _ in range(5))
        self.mixed = nn.ModuleList(nn.Linear(width, 3 * width) for _ in range(2))
        self.last = nn.ModuleList(nn.Linear(width, width) for _ in range(2))
        self.mlp = nn.ModuleList(nn.Sequential(nn.Linear(width, 32), nn.GELU(), nn.Linear(32, width)) for _ in range(2))
        self.head = nn.Linear(width, 10)

    def attend(self, i, x):
        n, tokens, width = x.shape
        q, k, v = self.mixed[i](x).reshape(n, tokens, 3, 4, width // 4).permute(2, 0, 3, 1, 4).unbind(0)
        weights = ((q * (width // 4) ** -0.5) @ k.transpose(-2, -1)).softmax(dim=-1)
        return self.last[i]((weights @ v).transpose(1, 2).reshape(n, tokens, width))

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat((self.label.expand(x.shape[0], -1, -1), x), dim=1) + self.places
        for i in range(2):
            x = x + self.attend(i, self.norms[2 * i](x))
            x = x + self.mlp[i](self.norms[2 * i + 1](x))
        return self.head(self.norms[4](x)[:, 0])


class Gpt2(nn.Module):
    """One pass of a decoder: a causal mask cut from a table, weights as in Conv1D, tied embeddings."""

    def __init__(self, width=16, words=40):
        super().__init__()
        self.words, self.places = nn.Embedding(words, width), nn.Embedding(32, width)
        self.register_buffer("causal", torch.tril(torch.ones(32, 32, dtype=torch.uint8)).view(1, 1, 32, 32).bool())
        shapes = ((width, 3 * width), (width, width), (width, 4 * width), (4 * width, width))
        self.weights = nn.ParameterList(nn.Parameter(torch.randn(shape) * 0.2) for _ in range(2) for shape in shapes)
        self.biases = nn.ParameterList(nn.Parameter(torch.randn(shape[1]) * 0.1) for _ in range(2) for shape in shapes)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(5))

    def dense(self, x, i):
        out = x.size()[:-1] + (self.biases[i].size(0),)
        return torch.addmm(self.biases[i], x.view(-1, x.size(-1)), self.weights[i]).view(out)

    def attend(self, x, i):
        width = x.size(-1)
        q, k, v = (part.view(part.size()[:-1] + (4, width // 4)).permute(0, 2, 1, 3)
                   for part in self.dense(x, i).split(width, dim=2))
        scores = torch.matmul(q, k.transpose(-1, -2)) / (v.size(-1) ** 0.5)
        rows, columns = q.size(-2), k.size(-2)
        seen = self.causal[:, :, columns - rows:columns, :columns]
        scores = torch.where(seen, scores, torch.tensor(torch.finfo(scores.dtype).min))
        x = torch.matmul(functional.softmax(scores, dim=-1), v).permute(0, 2, 1, 3).contiguous()
        return self.dense(x.view(x.size()[:-2] + (width,)), i + 1)

    def forward(self, input_ids):
        places = torch.arange(0, input_ids.size(-1), dtype=torch.long).unsqueeze(0)
        x = self.words(input_ids) + self.places(places)
        for i in range(2):
            x = x + self.attend(self.norms[2 * i](x), 4 * i)
            y = self.dense(self.norms[2 * i + 1](x), 4 * i + 2)
            y = 0.5 * y * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (y + 0.044715 * torch.pow(y, 3.0))))
            x = x + self.dense(y, 4 * i + 3)
        return torch.matmul(self.norms[4](x), self.words.weight.t())


class Speech(nn.Module):
    """From frames of a spectrogram to letters: convolutions, then recurrence."""

    def __init__(self, recurrent, directions):
        super().__init__()
        self.front = nn.Sequential(nn.Conv2d(1, 4, 3, (2, 1), 1), nn.BatchNorm2d(4), nn.Hardtanh(0, 20))
        self.recurrent = recurrent
        self.last = nn.Linear(directions * recurrent.hidden_size, 9)

    def forward(self, x):
        x = self.front(x)
        x = x.view(x.size(0), x.size(1) * x.size(2), x.size(3)).permute(0, 2, 1)
        x, _ = self.recurrent(x)
        return functional.log_softmax(self.last(x), dim=-1)


def speech_lstm():
    return Speech(nn.LSTM(32, 12, num_layers=2, batch_first=True, bidirectional=True), 2)


def speech_gru():
    return Speech(nn.GRU(32, 12, num_layers=2, batch_first=True), 1)


def speech_gru_both():
    return Speech(nn.GRU(32, 12, batch_first=True, bidirectional=True), 2)


class Counted(nn.Module):
    """A loop with a known number of passes and a branch with a known condition: control flow that a script leaves in the file."""

    def __init__(self):
        super().__init__()
        self.cell = nn.Linear(6, 6)

    def forward(self, x):
        for i in range(x.size(1) // 2):
            x = torch.tanh(self.cell(x)) + x * float(i)
        if x.size(0) > 1:
            x = x * 2.0
        return x


def scripted():
    return torch.jit.script(Counted())
