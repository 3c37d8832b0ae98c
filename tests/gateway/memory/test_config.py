"""The configuration file: what is documented holds, and each mistake is named by its place."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from gateway.memory.config import Config, ConfigError, DkimSection, Route, Sender, load, read
from gateway.memory.sought import DictionarySection, PatternSection

SHIPPED = Path(__file__).parents[3] / "conf" / "sekisho.toml"
BAD = sorted(Path(__file__).with_name("bad_configs").glob("*.toml"))


def uncommented():
    """The file as if every key in it was used; the words of the second dictionary are nowhere."""
    text = re.sub(r"(?m)^#(?=\[|[a-z_]+ = )", "", SHIPPED.read_text("utf-8"))
    data = tomllib.loads(text)
    data["dictionary"][0]["file"] = data["dictionary"].pop()["file"]
    return data


def usable(data):
    del data["dictionary"][0]["file"]
    return data


def test_it_works(tmp_path):
    path = tmp_path / "sekisho.toml"
    path.write_text('[smtp]\nmax_message_size = "20MB"\n[holds]\ndelay = "10 min"\n')
    config = load(path)
    assert config.smtp.max_message_size == 20_000_000
    assert str(config.holds.delay) == "10 min"
    assert config.data_dir == tmp_path / "var"


def test_the_shipped_file_changes_nothing():
    assert load(SHIPPED) == Config(data_dir=SHIPPED.parent / "var")


def test_every_key_is_documented_and_no_other(monkeypatch):
    def keys(model: type[BaseModel]):
        return {field.alias or name for name, field in model.model_fields.items()}

    def compare(model: type[BaseModel], data, path):
        assert set(data) == keys(model), path
        for name, field in model.model_fields.items():
            value = data[field.alias or name]
            if isinstance(value, dict) and isinstance(field.default, BaseModel):
                compare(type(field.default), value, f"{path}.{name}")

    data = uncommented()
    compare(Config, data, "")
    assert set(data["sender"][0]) == keys(Sender)
    assert set(data["route"][0]) == keys(Route)
    assert set(data["dkim"][0]) == keys(DkimSection)
    assert set(data["dictionary"][0]) == keys(DictionarySection)
    assert set(data["pattern"][0]) == keys(PatternSection)


def test_every_documented_default_is_the_one_that_holds(monkeypatch):
    monkeypatch.setenv("SEKISHO_SMTP_PASSWORD", "x")
    monkeypatch.setenv("SEKISHO_ROUTE_PASSWORD", "x")
    monkeypatch.setenv("SEKISHO_STORE_PASSWORD", "x")
    monkeypatch.setenv("SEKISHO_LDAP_PASSWORD", "x")
    monkeypatch.setenv("SEKISHO_TENANT_SECRET", "x" * 16)

    def compare(real, default, path):
        for name in type(default).model_fields:
            here, there = getattr(real, name), getattr(default, name)
            if isinstance(there, BaseModel):
                compare(here, there, f"{path}.{name}")
            elif there is not None:  # None cannot be written in TOML: an example stands there
                assert here == there, f"{path}.{name}"

    written = read(usable(uncommented()), "conf/sekisho.toml")
    examples = ("sender", "route", "dkim", "dictionary", "pattern")
    without_examples = written.model_copy(update=dict.fromkeys(examples, ()))
    compare(without_examples, Config(), "")
    compare(written.sender[0], Sender(address="copier@example.co.jp"), "sender")
    compare(written.route[0], Route(domains=("example.co.jp",)), "route")
    assert (written.dictionary[0].hold_at, written.pattern[0].ignore_case) == (10, False)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_mistake_is_named_by_its_place_and_with_a_hint(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    with pytest.raises(ConfigError) as refused:
        load(Path(path.name))
    assert str(refused.value) == path.with_suffix(".expected-error").read_text("utf-8").strip()


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(ConfigError, match="nowhere.toml: no configuration here"):
        load(tmp_path / "nowhere.toml")


def test_a_file_that_is_not_utf8_says_so(tmp_path):
    path = tmp_path / "sekisho.toml"
    path.write_bytes('company = "株式会社"'.encode("cp932"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(path)


def test_paths_start_at_the_file_wherever_one_stands(tmp_path, monkeypatch):
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "password").write_text("himitsu\n")
    (folder / "sekisho.toml").write_text(
        'data_dir = "/srv/sekisho"\n[keys]\nmirror = "mirror"\n[policy]\nfile = "policy.toml"\n'
        '[smtp.tls]\nkey = "key.pem"\n[delivery]\npassword = { file = "password" }\n'
    )
    monkeypatch.chdir(tmp_path)
    config = load(Path("etc/sekisho.toml"))
    assert config.data_dir == Path("/srv/sekisho")
    assert config.keys.mirror == folder / "mirror"
    assert config.policy.file == folder / "policy.toml"
    assert config.smtp.tls.key == folder / "key.pem"
    assert config.delivery.password.get_secret_value() == "himitsu"


def test_a_secret_is_in_no_repr_and_no_error(tmp_path, monkeypatch):
    monkeypatch.setenv("HOP", "himitsu")
    config = read({"delivery": {"password": {"env": "HOP"}}}, "x")
    assert "himitsu" not in repr(config)
    with pytest.raises(ConfigError) as refused:
        read({"delivery": {"password": "himitsu"}}, "x")
    assert "himitsu" not in str(refused.value)
