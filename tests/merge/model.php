<?php
// The merge of src/merge as it would be written with PHP's values: short, slow and plain.

final class Model
{
    private const PATHS_MAX = 4;

    public int $conflicts = 0;

    /** The first conflicts, as in $_SESSION['cart'][5]. */
    public array $paths = [];

    /** The merged array, with ours in place of what is in conflict. */
    public function merge(
        array $base,
        array $ours,
        array $theirs,
        string $path = '$_SESSION'
    ): array {
        $merged = [];
        $to_merge = [];
        foreach (array_keys($theirs + $ours) as $key) {
            $in_base = self::member($base, $key);
            $in_ours = self::member($ours, $key);
            $in_theirs = self::member($theirs, $key);
            if (self::equal($in_theirs, $in_base)) {
                $merged += $in_ours;
            } elseif (self::equal($in_ours, $in_base) || self::equal($in_ours, $in_theirs)) {
                $merged += $in_theirs;
            } elseif (
                $in_ours && is_array($in_ours[$key]) && $in_theirs && is_array($in_theirs[$key])
                && (!$in_base || is_array($in_base[$key]))
                && !self::isMovedList($base[$key] ?? [], $ours[$key], $theirs[$key])
            ) {
                $merged[$key] = [];
                $to_merge[] = $key;
            } else {
                $this->note($path . self::shown($key));
                $merged += $in_ours;
            }
        }
        foreach ($to_merge as $key) {
            $merged[$key] = $this->merge(
                $base[$key] ?? [],
                $ours[$key],
                $theirs[$key],
                $path . self::shown($key)
            );
        }
        return $merged;
    }

    public function note(string $path): void
    {
        $this->conflicts++;
        if (count($this->paths) < self::PATHS_MAX) {
            $this->paths[] = $path;
        }
    }

    /** The array of that member alone, or an empty array if it is not there. */
    private static function member(array $array, int|string $key): array
    {
        return array_key_exists($key, $array) ? [$key => $array[$key]] : [];
    }

    /** Whether a side has changed the length of a list, or the order of its keys. */
    private static function isMovedList(array $base, array $ours, array $theirs): bool
    {
        $keys = array_keys($base);
        return $base !== [] && array_is_list($base)
            && (array_keys($ours) !== $keys || array_keys($theirs) !== $keys);
    }

    private static function equal(array $a, array $b): bool
    {
        return serialize($a) === serialize($b);
    }

    private static function shown(int|string $key): string
    {
        if (is_int($key)) {
            return "[$key]";
        }
        return "['" . addcslashes(preg_replace('/[\0-\x1f\x7f]/', '?', $key), "'\\") . "']";
    }
}

/**
 * Looks for what PHP serializes as `R:` or `r:`: a reference, or an object met again. An enum met
 * again counts only beside an object of the old interface: then the numbers of `r:` are not known.
 */
final class References
{
    private array $met = [];
    private bool $hasEnumAgain = false;
    private bool $hasOldInterface = false;

    public static function areIn(array ...$sessions): bool
    {
        foreach ($sessions as $session) {
            $references = new self();
            if (
                $references->inArray($session)
                || ($references->hasEnumAgain && $references->hasOldInterface)
            ) {
                return true;
            }
        }
        return false;
    }

    private function inArray(array $array): bool
    {
        foreach ($array as $key => $value) {
            $reference = ReflectionReference::fromArrayElement($array, $key);
            if ($reference && $this->isMetAgain($reference->getId(), $reference)) {
                return true;
            }
            if (is_array($value) && $this->inArray($value)) {
                return true;
            }
            if (is_object($value) && $this->inObject($value)) {
                return true;
            }
        }
        return false;
    }

    private function inObject(object $object): bool
    {
        if ($this->isMetAgain('object ' . spl_object_id($object), $object)) {
            $this->hasEnumAgain = $this->hasEnumAgain || $object instanceof UnitEnum;
            return !$object instanceof UnitEnum;
        }
        if ($object instanceof UnitEnum) {
            return false;
        }
        if ($object instanceof WithOldInterface) {  // any look-alike counts: only the class knows
            $this->hasOldInterface = true;
            return preg_match('/r:\d/i', $object->data) === 1;
        }
        // An object of a class that is missing must not be asked for its methods.
        $has_method = method_exists($object::class, '__serialize');
        return $this->inArray($has_method ? $object->__serialize() : (array) $object);
    }

    /** Keeps $what, so that no other object gets its id. */
    private function isMetAgain(string $id, object $what): bool
    {
        $is_met = isset($this->met[$id]);
        $this->met[$id] = $what;
        return $is_met;
    }
}
