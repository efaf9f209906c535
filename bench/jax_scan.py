"""Training steps in JAX, timed: a scan over many steps, with vmap over models. Its results are JSON lines.

jax_scan.py DEVICE SECONDS, with DEVICE gpu or cpu: microseconds per optimizer step of all models, in each of a few rounds of every row on standard input, each a
    JSON line {"models", "N", "T", "I", "H", "L"}. Ends at the row that is reached after SECONDS.
"""
import json
import os
import sys
import time

os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
import jax
import jax.numpy as jnp

jax.config.update("jax_default_matmul_precision", "highest")  # no TF32
ROUNDS = 5
EPOCH_S = 0.1
MOST_STEPS = 792
MOST_VALUES = 2**26


def initial(key, I, H, L):
    uniform = lambda k, shape: jax.random.uniform(jax.random.fold_in(key, k), shape, minval=-(H**-0.5), maxval=H**-0.5)
    layers = [
        [uniform(4 * l, (4 * H, H if l else I)), uniform(4 * l + 1, (4 * H, H)), uniform(4 * l + 2, (4 * H,)), uniform(4 * l + 3, (4 * H,))]
        for l in range(L)
    ]
    return layers, uniform(4 * L, (1, H)), uniform(4 * L + 1, (1,))


def loss(weights, x, y):
    """x [T, N, I], y [N, 1]."""
    layers, fc_weight, fc_bias = weights
    for W_ih, W_hh, b_ih, b_hh in layers:
        gates = x @ W_ih.T + b_ih + b_hh
        zeros = jnp.zeros((x.shape[1], W_hh.shape[1]))

        def cell(state, a):
            h, c = state
            i, f, g, o = jnp.split(a + h @ W_hh.T, 4, axis=-1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        _, x = jax.lax.scan(cell, (zeros, zeros), gates, unroll=min(10, len(gates)))
    return jnp.mean((x[-1] @ fc_weight.T + fc_bias - y) ** 2)


def step(state, batch):
    """Adam."""
    weights, m, v, t = state
    value, grads = jax.value_and_grad(loss)(weights, *batch)
    t = t + 1
    m = jax.tree_util.tree_map(lambda a, g: 0.9 * a + 0.1 * g, m, grads)
    v = jax.tree_util.tree_map(lambda a, g: 0.999 * a + 0.001 * g * g, v, grads)
    size, root = 1e-3 / (1 - 0.9**t), jnp.sqrt(1 - 0.999**t)
    weights = jax.tree_util.tree_map(lambda w, a, b: w - size * a / (jnp.sqrt(b) / root + 1e-8), weights, m, v)
    return (weights, m, v, t), value


def time_row(models, N, T, I, H, L):
    keys = jax.random.split(jax.random.PRNGKey(0), models)
    start, body = (lambda key: initial(key, I, H, L)), step
    if models > 1:
        start, body = jax.vmap(start), jax.vmap(step, in_axes=(0, None))
    weights = start(keys if models > 1 else keys[0])
    zeros = jax.tree_util.tree_map(jnp.zeros_like, weights)
    state = weights, zeros, zeros, jnp.zeros(models) if models > 1 else jnp.zeros(())
    flops = models * N * T * L * 8 * H * (H + I) * 3
    steps = max(3, min(MOST_STEPS, int(EPOCH_S * 10e12 / flops), MOST_VALUES // (N * T * I)))
    x = jax.random.normal(jax.random.PRNGKey(1), (steps, T, N, I))
    y = jax.random.normal(jax.random.PRNGKey(2), (steps, N, 1))
    epoch = jax.jit(lambda state, data: jax.lax.scan(body, state, data))
    state, losses = epoch(state, (x, y))
    losses.block_until_ready()
    rounds = []
    for _ in range(ROUNDS):
        heat()
        start = time.perf_counter()
        state, losses = epoch(state, (x, y))
        losses.block_until_ready()
        rounds.append((time.perf_counter() - start) * 1e6 / steps)
    return {"scan": rounds}


device = jax.devices(sys.argv[1])[0]
jax.config.update("jax_default_device", device)
square = jnp.ones((4096, 4096))
multiply = jax.jit(lambda a: a @ a)


def heat(count=12):
    """Keeps a card at its full clock, which it leaves within milliseconds."""
    if device.platform == "cpu":
        return
    for _ in range(count):
        product = multiply(square)
    product.block_until_ready()


end = time.perf_counter() + float(sys.argv[2])
heat(200)
print(json.dumps({"version": jax.__version__, "device": str(device)}), flush=True)
for line in sys.stdin:
    if time.perf_counter() > end:
        break
    try:
        times = time_row(**json.loads(line))
    except RuntimeError as error:
        times = {"error": str(error)[:200]}
    print(json.dumps(times), flush=True)
