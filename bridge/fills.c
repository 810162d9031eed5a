/*
 * See fills.h.
 */
#include "fills.h"

#include "order.h"

struct fill *fills_add(struct fills *all, struct order *o, const struct fill *from,
                       const char *exec_id)
{
    struct fill *f = slab_take(&all->memory, sizeof *f);
    struct fill **at;

    if (f == NULL) {
        return NULL;
    }
    *f = *from;
    f->exec_id = exec_id;
    f->next = f->newer = NULL;
    f->order = o;
    f->older = all->newest;
    if (all->newest != NULL) {
        all->newest->newer = f;
    } else {
        all->oldest = f;
    }
    all->newest = f;
    all->count++;
    at = o->fill == NULL ? &o->fill : &o->fill_last->next;
    *at = f;
    o->fill_last = f;
    return f;
}

void fills_drop(struct fills *all, struct order *o)
{
    struct fill *next;

    for (struct fill *f = o->fill; f != NULL; f = next) {
        next = f->next;
        if (f->older != NULL) {
            f->older->newer = f->newer;
        } else {
            all->oldest = f->newer;
        }
        if (f->newer != NULL) {
            f->newer->older = f->older;
        } else {
            all->newest = f->older;
        }
        all->count--;
        slab_give(&all->memory, f, sizeof *f);
    }
    o->fill = o->fill_last = NULL;
}

void fills_fini(struct fills *all)
{
    while (all->oldest != NULL) {
        fills_drop(all, all->oldest->order);
    }
    slab_fini(&all->memory);
}

struct fill *fills_find(const struct order *o, struct bytes exec_id)
{
    struct fill *f;

    for (f = o->fill; f != NULL && !bytes_is(exec_id, f->exec_id); f = f->next) {
    }
    return f;
}

bool fills_sum(const struct order *o, struct decimal *cum, struct avg_px *avg)
{
    *cum = DECIMAL_ZERO;
    *avg = (struct avg_px){ 0 };
    for (const struct fill *f = o->fill; f != NULL; f = f->next) {
        if (decimal_sign(f->qty) > 0 &&
            (!decimal_add(*cum, f->qty, cum) || !avg_px_add(avg, o->inverse, f->qty, f->px))) {
            return false;
        }
    }
    return true;
}
