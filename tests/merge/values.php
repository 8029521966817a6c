<?php
// Values of every kind that PHP can serialize, drawn at random, and changes of them.

class WithProperties
{
    public mixed $shown = 1;
    protected mixed $kept = 'k';
    private mixed $own = null;

    public function __construct(mixed $own)
    {
        $this->own = $own;
    }
}

final class WithPropertiesOfTwoClasses extends WithProperties
{
    private mixed $own = 'of the child';
}

final class WithSerialize
{
    public function __construct(private array $data)
    {
    }

    public function __serialize(): array
    {
        return $this->data;
    }

    public function __unserialize(array $data): void
    {
        $this->data = $data;
    }
}

final class WithSleep
{
    public $stored = 1;
    public $left_out = 2;

    public function __sleep(): array
    {
        return ['stored'];
    }
}

/** Is written in the form `C:`, which has no other use since PHP 8.1. */
final class WithOldInterface implements Serializable
{
    public function __construct(public string $data)
    {
    }

    public function serialize(): string
    {
        return $this->data;
    }

    public function unserialize(string $data): void
    {
        $this->data = $data;
    }
}

enum Plain
{
    case One;
    case Two;
}

enum Backed: string
{
    case Ann = 'ann';
    case Bob = 'bob';
}

/** True once in $of times. */
function once_in(int $of): bool
{
    return mt_rand(1, $of) === 1;
}

function drawn_of(array $choices): mixed
{
    return $choices[mt_rand(0, count($choices) - 1)];
}

/** A key of an array. There are few, so that the sides of a merge meet. */
function drawn_key(): int|string
{
    return drawn_of([
        ...[0, 1, 2, 3, -1, -2, 7, PHP_INT_MAX, PHP_INT_MIN],
        ...['05', '-0', '1.5', '9223372036854775808'],
        ...['a', 'b', 'c', 'a', 'b', 'c', 'cart'],
        ...['', 'x|y', "it's", 'q"', "n\0l", '\\', '!m'],
    ]);
}

/** The name of a variable that the handler `php` can write: no `|`, no integer. */
function drawn_name(): string
{
    return drawn_of([
        ...['a', 'b', 'c', 'd', 'e', 'cart'],
        ...['', '!a', "n\0l", '05', 'a b', "it's", 'N;a', '}'],
    ]);
}

function drawn_scalar(): mixed
{
    switch (mt_rand(0, 9)) {
        case 0:
            return null;
        case 1:
            return once_in(2);
        case 2:
            return drawn_of([0, 1, -1, PHP_INT_MAX, PHP_INT_MIN, mt_rand()]);
        case 3:
            return drawn_of([0.0, -0.0, NAN, INF, -INF, 0.1, 1e25, -1e-10, PHP_FLOAT_MIN, 1.0]);
        case 4:
            return drawn_of([
                ...['', '0', 'a', ';', '}', '|', '"', "\0", "\xff\xfe"],
                ...['R:1;', 'i:5;', 'a|N;', 'N;}'],
            ]);
        default:
            return mt_rand(0, 5);
    }
}

function drawn_object(int $depth): object
{
    switch (mt_rand(0, 11)) {
        case 0:
            return (object) drawn_array($depth);
        case 1:
            return new WithProperties(drawn_value($depth));
        case 2:
            return new WithPropertiesOfTwoClasses(drawn_scalar());
        case 3:
            return new WithSerialize(drawn_array($depth));
        case 4:
            return new WithSleep();
        case 5:
            $data = ['', 'x', '}', '";}', "\0", 'r:', 'var:1', 'r:1;', 'a|b'];
            return new WithOldInterface(drawn_of($data));
        case 6:
            return drawn_of(Plain::cases());
        case 7:
            return drawn_of(Backed::cases());
        case 8:
            return new ArrayObject(drawn_array($depth));
        case 9:
            $storage = new SplObjectStorage();
            $storage[new stdClass()] = drawn_scalar();
            return $storage;
        case 10:
            return new DateTimeImmutable('@' . mt_rand(0, 3));
        default:
            return unserialize('O:7:"Missing":1:{s:1:"p";' . serialize(drawn_scalar()) . '}');
    }
}

function drawn_array(int $depth): array
{
    $array = [];
    for ($count = mt_rand(0, 4); $count > 0; $count--) {
        $array[drawn_key()] = drawn_value($depth);
    }
    return $array;
}

function drawn_list(int $depth): array
{
    $list = [];
    for ($count = mt_rand(0, 4); $count > 0; $count--) {
        $list[] = drawn_value($depth);
    }
    return $list;
}

/** $depth: how many arrays and objects may be nested in it. */
function drawn_value(int $depth): mixed
{
    $kind = mt_rand(0, 9);
    if ($depth === 0 || $kind < 4) {
        return drawn_scalar();
    }
    if ($kind === 4) {
        return drawn_object($depth - 1);
    }
    return $kind < 7 ? drawn_list($depth - 1) : drawn_array($depth - 1);
}

function drawn_session(bool $is_named): array
{
    $session = [];
    for ($count = mt_rand(0, 5); $count > 0; $count--) {
        $session[$is_named ? drawn_name() : drawn_key()] = drawn_value(3);
    }
    return $session;
}

/** Changes one thing in an array, or in an array that it holds. $key draws a key of this level. */
function change(array &$array, callable $key): void
{
    $keys = array_keys($array);
    $at = $keys ? drawn_of($keys) : null;
    if ($at !== null && is_array($array[$at]) && !once_in(4)) {
        change($array[$at], drawn_key(...));
        return;
    }
    if ($array !== [] && array_is_list($array) && once_in(2)) {
        change_list($array);
        return;
    }
    switch (mt_rand(0, 9)) {
        case 0:
        case 1:
            if ($at !== null) {
                unset($array[$at]);
            }
            break;
        case 2:
            ksort($array);
            break;
        case 3:
            if ($at !== null) {  // to the end
                $value = $array[$at];
                unset($array[$at]);
                $array[$at] = $value;
            }
            break;
        case 4:
            $array[$key()] = mt_rand(0, 1);
            break;
        case 5:
            $array[$key()] = drawn_value(2);
            break;
        case 6:
            $array[$key()] = [];
            break;
        default:
            if ($at !== null) {
                $array[$at] = drawn_value(2);
            }
    }
}

/** A change that only lists know. */
function change_list(array &$list): void
{
    match (mt_rand(0, 4)) {
        0 => array_shift($list),
        1 => array_pop($list),
        2 => array_unshift($list, mt_rand(0, 5)),
        3 => sort($list),
        default => $list[] = mt_rand(0, 5),
    };
}

/** Makes two places of an array one: two variables with one reference, object or enum. */
function tie(array &$array, callable $key): void
{
    [$one, $other] = [$key(), $key()];
    if (once_in(2)) {
        $array[$one] = drawn_value(1);
        $array[$other] = &$array[$one];
    } elseif (once_in(2)) {
        $array[$one] = $array[$other] = new WithProperties(1);
    } else {
        $array[$one] = $array[$other] = drawn_of(Backed::cases());
    }
}
