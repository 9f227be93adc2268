// Sortable tables, tables that a reader can choose lines of, and heatmaps with menus. Without it the pages show the same
// tables in their first view.
(() => {
  "use strict";

  const make = (tag, attributes = {}, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };

  const menu = (label, options, changed) => {
    const box = make("label", { class: "panda-menu" }, `${label} `);
    const select = make("select");
    for (const option of options) select.append(make("option", { value: option }, option));
    select.addEventListener("change", changed);
    box.append(select);
    return [box, select];
  };

  // ---- sorting and choosing ----
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    const key = cell.dataset.key ?? cell.textContent.trim();
    const number = Number(key.replace("−", "-"));
    return key === "" ? null : Number.isNaN(number) ? key : number;
  };

  const compare = (a, b) => {
    if (a === null || b === null) return (a === null) - (b === null);
    return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  };

  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = make("button", { type: "button" }, head.textContent);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => {
          const [x, y] = [keyOf(a, column), keyOf(b, column)];
          return x === null || y === null || up ? compare(x, y) : compare(y, x);
        });
        table.tBodies[0].append(...rows);
      });
    });
    const filters = JSON.parse(table.dataset.filters || "[]");
    if (!filters.length) return;
    const bar = make("div", { class: "panda-menus" });
    const rows = [...table.tBodies[0].rows];
    const count = make("output", { class: "panda-note" });
    const text = (row, column) => row.cells[column].textContent.trim();
    const selects = filters.map((column) => {
      const options = [...new Set(rows.map((row) => text(row, column)))];
      const [box, select] = menu(heads[column].textContent, ["all", ...options], choose);
      bar.append(box);
      return select;
    });
    function choose() {
      let shown = 0;
      for (const row of rows) {
        row.hidden = !selects.every((select, i) => select.value === "all" || text(row, filters[i]) === select.value);
        shown += !row.hidden;
      }
      count.textContent = `${shown} of ${rows.length} lines`;
    }
    bar.append(count);
    table.closest(".panda-table").before(bar);
    choose();
  };

  // ---- heatmaps; the colours follow the same rule as shade() in panda_core/report/html.py ----
  const heatmap = (box) => {
    const data = JSON.parse(box.querySelector("script").textContent);
    const table = box.querySelector("table");
    const corner = table.tHead.rows[0].cells[0].textContent;
    const note = box.querySelector(".panda-note");
    const selects = [];
    data.menus.forEach((label, i) => {
      const options = [...new Set(data.layers.map((layer) => layer.choice[i]))];
      const [menuBox, select] = menu(label, options, () => draw(i));
      selects.push(select);
      if (options.length > 1) box.querySelector(".panda-menus").append(menuBox);
    });

    const draw = (changed) => {
      const chosen = selects.map((select) => select.value);
      const fits = (layer) => layer.choice.filter((word, i) => word === chosen[i]).length;
      // a choice that does not exist gives way to the nearest one that keeps the menu just changed
      const layer = data.layers.filter((l) => l.choice[changed] === chosen[changed]).sort((a, b) => fits(b) - fits(a))[0];
      layer.choice.forEach((word, i) => { selects[i].value = word; });
      const known = layer.values.flat().filter((value) => value !== null);
      const [low, high] = [Math.min(...known), Math.max(...known)];
      const head = make("tr");
      head.append(make("th", { scope: "col" }, corner), ...layer.columns.map((c) => make("th", { scope: "col" }, c)));
      const rows = layer.rows.map((name, r) => {
        const row = make("tr");
        row.append(make("th", { scope: "row" }, name), ...layer.values[r].map((value) => td(value, low, high, layer)));
        return row;
      });
      table.tHead.replaceChildren(head);
      table.tBodies[0].replaceChildren(...rows);
      note.textContent = layer.note;
    };

    const td = (value, low, high, layer) => {
      const cell = make("td");
      if (value === null) {
        cell.append(make("span", { class: "panda-none" }, "not run"));
        return cell;
      }
      const sign = layer.diverging && value >= 0 ? "+" : "";
      cell.textContent = (sign + value.toFixed(layer.digits)).replace("-", "−");
      const widest = Math.max(Math.abs(low), Math.abs(high)) || 1;
      const strength = layer.diverging ? Math.abs(value) / widest : high > low ? (value - low) / (high - low) : 0;
      cell.className = layer.diverging && value < 0 ? "heat-down" : "heat-up";
      cell.style.setProperty("--heat", `${Math.round(50 * Math.sqrt(strength))}%`);
      return cell;
    };
  };

  // ---- the case study: one example at a time, of those that a reader looks for ----
  const cases = (box) => {
    const parts = [...box.querySelectorAll(".panda-case")];
    const kindsOf = (part) => JSON.parse(part.dataset.kinds);
    const every = "all examples";
    const show = () => parts.forEach((part) => { part.hidden = part.dataset.title !== example.value; });
    const fill = () => {
      const fitting = parts.filter((part) => kind.value === every || kindsOf(part).includes(kind.value));
      example.replaceChildren(...fitting.map((part) => make("option", {}, part.dataset.title)));
      count.textContent = `${fitting.length} of ${parts.length} examples`;
      show();
    };
    const [kindBox, kind] = menu("Show", [every, ...new Set(parts.flatMap(kindsOf))], fill);
    const [exampleBox, example] = menu("Example", [], show);
    const count = make("output", { class: "panda-note" });
    const step = (label, by) => {
      const button = make("button", { type: "button", class: "panda-step" }, label);
      button.addEventListener("click", () => {
        const size = example.options.length;
        example.selectedIndex = (example.selectedIndex + by + size) % size;
        show();
      });
      return button;
    };
    const bar = make("div", { class: "panda-menus" });
    bar.append(kindBox, exampleBox, step("Previous", -1), step("Next", 1), count);
    box.prepend(bar);
    fill();
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("table.panda-sortable").forEach(sortable);
    document.querySelectorAll(".panda-heatmap").forEach(heatmap);
    document.querySelectorAll(".panda-cases").forEach(cases);
  });
})();
