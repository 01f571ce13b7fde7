// Outlines of boxes and icons. An icon is drawn with lines on a square of 24 units.

const ICONS = {
  mask: "M4 9c3-2 5-2 8 0 3-2 5-2 8 0 0 6-2 9-5 9-1.500 0-2-1-3-2-1 1-1.500 2-3 2-3 0-5-3-5-9z M8 12h1.500 M14.500 12h1.500",
  person: "M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8z M4.500 21c0-4 3-7 7.500-7s7.500 3 7.500 7",
  spark: "M12 3l2 7 7 2-7 2-2 7-2-7-7-2 7-2z M19 3v4 M17 5h4",
  layers: "M12 3l9 5-9 5-9-5z M3 12.500l9 5 9-5 M3 17l9 5 9-5",
  brain: "M12 5v14 M12 5a3.500 3.500 0 0 0-6 2.500A3.500 3.500 0 0 0 5 14a3.500 3.500 0 0 0 7 3 M12 5a3.500 3.500 0 0 1 6 2.500A3.500 3.500 0 0 1 19 14a3.500 3.500 0 0 1-7 3",
  server: "M4 4h16v6H4z M4 14h16v6H4z M7.500 7h.1 M7.500 17h.1",
  door: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M3 12h18 M12 3c3.500 3 3.500 15 0 18 M12 3c-3.500 3-3.500 15 0 18",
  flow: "M3 6h5v5H3z M16 13h5v5h-5z M8 8.500h4v7h4",
  wrench: "M20 7a5 5 0 0 1-7 6l-6.500 7L4 17.500 11 11a5 5 0 0 1 6-7l-3 3 3 3z",
  store: "M4 6c0-4 16-4 16 0s-16 4-16 0z M4 6v12c0 4 16 4 16 0V6 M4 12c0 4 16 4 16 0",
  page: "M6 3h8l5 5v13H6z M14 3v5h5 M9 13h7 M9 17h7",
  key: "M8 12a4 4 0 1 0 .1 0z M11 13l9-9 M17 7l3 3",
  shield: "M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6z M8.500 12l2.500 2.500 4.500-5",
  chip: "M7 7h10v10H7z M10 3v4 M14 3v4 M10 17v4 M14 17v4 M3 10h4 M3 14h4 M17 10h4 M17 14h4",
  cube: "M12 3l8 4.500v9L12 21l-8-4.500v-9z M4 7.500l8 4.500 8-4.500 M12 12v9",
  flag: "M6 21V4 M6 4h12l-3 4.500 3 4.500H6",
  bolt: "M13 3L5 14h6l-1 7 9-12h-6z",
  drop: "M12 3l9.500 17h-19z M12 10v4.500 M12 17.300v.1",
  dot: "M12 8a4 4 0 1 0 .1 0z",
};

const iconPaths = new Map(Object.entries(ICONS).map(([name, text]) => [name, new Path2D(text)]));

// The outline of a box of this form around (x, y), and a line to draw inside it.
function outline(form, x, y, w, h) {
  const path = new Path2D();
  const detail = new Path2D();
  const l = x - w / 2, t = y - h / 2, r = x + w / 2, b = y + h / 2;
  const corners = (points) => {
    points.forEach(([px, py], i) => (i ? path.lineTo(px, py) : path.moveTo(px, py)));
    path.closePath();
  };
  if (form === "pill") {
    path.roundRect(l, t, w, h, Math.min(h / 2, 24));
  } else if (form === "hexagon") {
    const d = Math.min(14, h / 3);
    corners([[l, y], [l + d, t], [r - d, t], [r, y], [r - d, b], [l + d, b]]);
  } else if (form === "cut") {
    const d = 10;
    corners([[l + d, t], [r, t], [r, b - d], [r - d, b], [l, b], [l, t + d]]);
  } else if (form === "document") {
    const d = 13, k = 7;
    path.moveTo(l + k, t);
    path.lineTo(r - d, t);
    path.lineTo(r, t + d);
    path.arcTo(r, b, r - k, b, k);
    path.arcTo(l, b, l, b - k, k);
    path.arcTo(l, t, l + k, t, k);
    path.closePath();
    detail.moveTo(r - d, t);
    detail.lineTo(r - d, t + d);
    detail.lineTo(r, t + d);
  } else if (form === "cylinder") {
    const d = 6;
    path.moveTo(l, t + d);
    path.bezierCurveTo(l, t - d / 2, r, t - d / 2, r, t + d);
    path.lineTo(r, b - d);
    path.bezierCurveTo(r, b + d / 2, l, b + d / 2, l, b - d);
    path.closePath();
    detail.moveTo(l, t + d);
    detail.bezierCurveTo(l, t + d * 2.2, r, t + d * 2.2, r, t + d);
  } else {
    path.roundRect(l, t, w, h, 9);
  }
  return { path, detail };
}
