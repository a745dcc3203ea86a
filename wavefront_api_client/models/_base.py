"""Field and Model: a model declares its fields; constructor, properties and the rest follow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from wavefront_api_client._core.secrets import SECRET_KEYS, clears_frames
from wavefront_api_client._core.wire import to_wire

LONG_LIST = 100
"""Models for which it pays to compile a function."""

if TYPE_CHECKING:
    from typing import Callable, ClassVar, Generic, TypeVar, overload

    from typing_extensions import Self, dataclass_transform

    from wavefront_api_client.configuration import Configuration

    T = TypeVar("T")

    class Field(Generic[T]):
        """What a type checker sees of a field: a property that holds T or None."""

        def __init__(
            self,
            type: object,
            json_key: str | None = None,
            *,
            required: bool = False,
            allowed: tuple[str, ...] = (),
            secret: bool = False,
            doc: str,
        ) -> None: ...
        @overload
        def __get__(self, instance: None, owner: type) -> property: ...
        @overload
        def __get__(self, instance: object, owner: type) -> T | None: ...
        def __get__(self, instance: object, owner: type) -> Any: ...
        def __set__(self, instance: object, value: T | None) -> None: ...

    def last(*, default: None, kw_only: bool) -> Any: ...

else:

    class Field:
        """One attribute of a model.

        :param type: a class, such as `int` or a model, or a list of one.
        :param json_key: the attribute's name if not given.
        :param required: whether None may not be assigned.
        :param allowed: the values that may be assigned; empty for any.
        :param secret: whether it is a token, which `repr` hides.
        """

        def __init__(self, type, json_key=None, *, required=False, allowed=(), secret=False, doc):
            self.is_list = getattr(type, "__origin__", None) is list
            self.element = type.__args__[0] if self.is_list else type
            self.is_model = isinstance(self.element, ModelType)
            self.json_key = json_key
            self.required = required
            self.allowed = allowed
            self.secret = secret
            self.doc = doc

        @property
        def type_name(self) -> str:
            """Name of its type, as `swagger_types` has it."""
            name = self.element.__name__
            return f"list[{name}]" if self.is_list else name

        def read(self, value: Any) -> Any:
            """The model, or the list of models, of a JSON value; another value as it is."""
            if not self.is_list:
                return self.element.read(value)
            return self.element.read_list(value) if isinstance(value, list) else value

        def check(self, name: str, value: object) -> None:
            """Refuse a value that a caller must not write."""
            if self.required and value is None:
                raise ValueError(f"Invalid value for `{name}`, must not be `None`")
            if self.allowed and value not in self.allowed:
                raise ValueError(
                    f"Invalid value for `{name}` ({value}), must be one of {list(self.allowed)}"
                )

    Self, last = "Model", None

    def dataclass_transform(**_):
        return lambda cls: cls


def _property_of(name: str, field: Any) -> property:
    slot = "_" + name

    @clears_frames
    def assign(model: Model, value: object) -> None:
        if model._validates():
            field.check(name, value)
        setattr(model, slot, value)

    optional = "" if field.required else ", None if not set"
    return property(attrgetter(slot), assign, doc=f"{field.doc} ({field.type_name}{optional})")


_READER = """
def read_many(values):
    for index, data in enumerate(values):
        model = new(cls)
        try:
            {subscripts}
        except KeyError:
            get = data.get
            {gets}
        values[index] = model
    return values
"""


def _compile_reader(cls: ModelType) -> Callable[[list[Any]], list[Any]]:
    """What `ModelType.read` does for each of many JSON objects, in half the time.

    It is written out as source, as `collections.namedtuple` and `dataclasses` do. It works in
    place, so that an object is gone before the next model comes, which is faster. It raises
    TypeError at a value that is not an object.
    """
    names: dict[str, Any] = {"new": cls.__new__, "cls": cls}
    subscripts, gets = [], []
    for slot, key, name, read in cls._plan:
        names[f"read{slot}"] = read
        line = f"model.{slot} = read{slot}({{}})" if read else f"model.{slot} = {{}}"
        subscripts.append(line.format(f"data[{key!r}]"))
        gets.append(line.format(f"get({key!r}, get({name!r}))"))
    source = _READER.format(subscripts="; ".join(subscripts), gets="; ".join(gets))
    exec(source, names)  # noqa: S102 (made of the names of our own fields alone)
    read_many: Callable[[list[Any]], list[Any]] = names["read_many"]
    return read_many


def _declarations(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: _property_of(name, field) for name, field in fields.items()},
        "__slots__": tuple("_" + name for name in fields),
        "_fields": fields,
        "_plan": [
            ("_" + name, field.json_key or name, name, field.read if field.is_model else None)
            for name, field in fields.items()
        ],
        "swagger_types": {name: field.type_name for name, field in fields.items()},
        "attribute_map": {name: field.json_key or name for name, field in fields.items()},
    }


@dataclass_transform(field_specifiers=(last,))
class ModelType(type):
    """Makes slots, properties and the two official dictionaries out of the fields of a class."""

    _plan: list[tuple[str, str, str, Callable[[Any], Any] | None]]
    """How JSON is read: slot, JSON key and Python name of each field, and what makes its models."""
    _read_many: Callable[[list[Any]], list[Any]]

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> ModelType:
        fields = {key: value for key, value in namespace.items() if isinstance(value, Field)}
        if fields:
            namespace.update(_declarations(fields))
        return super().__new__(mcs, name, bases, namespace)

    def read(cls, value: Any) -> Any:
        """A model of a JSON object, under JSON keys or Python names; another value as it is."""
        if not isinstance(value, dict):
            return value
        model: Any = object.__new__(cls)  # type: ignore[arg-type]
        for slot, key, name, read in cls._plan:
            item = value[key] if key in value else value.get(name)
            setattr(model, slot, read(item) if read else item)
        return model

    def read_list(cls, values: list[Any]) -> list[Any]:
        """Models of the JSON objects in a list; the function for a long one is compiled."""
        if len(values) < LONG_LIST:
            return [cls.read(value) for value in values]
        if "_read_many" not in cls.__dict__:
            cls._read_many = staticmethod(_compile_reader(cls))
        try:
            return cls._read_many(values)
        except TypeError:
            return [cls.read(value) for value in values]

    @property
    def __signature__(cls) -> object:
        """The constructor's parameters, for `help` and editors."""
        import inspect

        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        names = (*getattr(cls, "swagger_types", ()), "_configuration")
        return inspect.Signature([inspect.Parameter(key, kind, default=None) for key in names])


class Model(metaclass=ModelType):
    """What all models can do. An attribute that is not set is None, and absent in a request."""

    __slots__ = ("_configuration",)

    discriminator: ClassVar[None] = None
    swagger_types: ClassVar[dict[str, str]]
    attribute_map: ClassVar[dict[str, str]]
    _fields: ClassVar[dict[str, Any]]

    if TYPE_CHECKING:
        _configuration: Configuration | None = last(default=None, kw_only=True)

    else:

        @clears_frames
        def __init__(self, *args, **kwargs):
            import inspect

            # All at once: what shows the frames of an error shows a model that was refused.
            self._configuration = None
            for name in self.swagger_types:
                setattr(self, "_" + name, None)
            given = inspect.signature(type(self)).bind(*args, **kwargs).arguments
            self._configuration = given.pop("_configuration", None)
            for name, value in given.items():
                # A required attribute passed as None is an error of the caller.
                if value is not None or self._fields[name].required:
                    setattr(self, name, value)

    def _validates(self) -> bool:
        # A model that was read has no value there at all.
        configuration: Configuration | None = getattr(self, "_configuration", None)
        if configuration is None:
            # Imported late: a model that is only read never needs a configuration.
            from wavefront_api_client.configuration import Configuration

            configuration = Configuration.get_default()
        return configuration is None or configuration.client_side_validation

    def to_dict(self) -> dict[str, Any]:
        """Every declared attribute under its Python name, models inside as dictionaries."""
        return {name: _plain(getattr(self, name)) for name in self.swagger_types}

    def to_str(self) -> str:
        """`to_dict()` as text, as `pprint` formats it; credentials in it are shown."""
        import pprint

        return pprint.pformat(self.to_dict())

    def to_json(self) -> str:
        """JSON text with the attributes that are set, as a request would send them."""
        return json.dumps(to_wire(self))

    @classmethod
    @clears_frames
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make a model from a dictionary, without validation.

        :param data: values under JSON keys or Python names; other keys are ignored.
        :raises TypeError: `data` is not a dictionary.
        """
        if not isinstance(data, Mapping):
            raise TypeError(f"from_dict() takes a dict, not {type(data).__name__}")
        copied = {key: [*each] if isinstance(each, list) else each for key, each in data.items()}
        model: Self = cls.read(copied)
        return model

    @classmethod
    @clears_frames
    def from_json(cls, text: str | bytes) -> Self:
        """Make a model from the text of a JSON object, without validation.

        :raises ValueError: the text is not JSON.
        :raises TypeError: the JSON is not an object.
        """
        return cls.from_dict(json.loads(text))

    def __repr__(self) -> str:
        # This is `str` and `print`, too: what ends up in logs and notebooks unasked.
        import pprint

        return pprint.pformat(_shown(self))

    def __eq__(self, other: object) -> bool:
        is_alike = isinstance(other, Model) and other._fields is self._fields
        return is_alike and self.to_dict() == other.to_dict()  # type: ignore[attr-defined]

    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __getstate__(self) -> tuple[Any, ...]:
        # The configuration stays behind: it holds the caller's own credential.
        slots = {"_" + name: getattr(self, name) for name in self.swagger_types}
        return getattr(self, "__dict__", None), slots


def _shown(value: Any) -> Any:
    """What `to_dict` gives, with tokens hidden, also in a dictionary where a model should be."""
    if isinstance(value, Model):
        fields = value._fields.items()
        return {name: _shown_item(getattr(value, name), field.secret) for name, field in fields}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if isinstance(value, dict):
        return {key: _shown_item(item, key in SECRET_KEYS) for key, item in value.items()}
    return value


def _shown_item(value: Any, is_secret: bool) -> Any:
    from wavefront_api_client.masking import mask_token

    if not is_secret or value is None:
        return _shown(value)
    return mask_token(value if isinstance(value, str) else None)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.to_dict() if hasattr(value, "to_dict") else value
