package org.jvs.datapath;

import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// Things by the number of their interface, for look-ups without allocation: a map's keys would be
/// boxed for every packet. Immutable.
final class ByIndex<T> {
    private final int[] indices;
    private final int[] places;
    private final List<T> values;

    /// @param index the number of an interface, 1 or more, different for each value
    ByIndex(List<T> values, ToIntFunction<T> index) {
        this.values = List.copyOf(values);
        int size = Integer.highestOneBit(values.size() + 1) * 4;
        indices = new int[size];
        places = new int[size];
        for (int i = 0; i < values.size(); i++) {
            int key = index.applyAsInt(values.get(i));
            int cell = cell(key);
            indices[cell] = key;
            places[cell] = i;
        }
    }

    private int cell(int index) {
        int mask = indices.length - 1;
        int cell = index & mask;
        while (indices[cell] != 0 && indices[cell] != index) {
            cell = cell + 1 & mask;
        }
        return cell;
    }

    /// The one of that number, or null.
    @Nullable T get(int index) {
        int cell = cell(index);
        return index != 0 && indices[cell] == index ? values.get(places[cell]) : null;
    }

    /// All of them, to be gone through by their place.
    List<T> values() {
        return values;
    }
}
