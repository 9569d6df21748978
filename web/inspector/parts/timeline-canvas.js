// Draws the part of the timeline that is in sight.

import { args, bytes, clock, duration, name, tick } from "../core/format.js";
import { colour } from "../core/theme.js";
import { rowAt } from "./timeline-model.js";

/** @typedef {import("./timeline-model.js").Model} Model */
/** @typedef {import("./timeline-model.js").Moment} Moment */

export const GUTTER = 92;
const MARGIN = 16; // from a lane's edge to the line of its client or of the server

/** @typedef {{ left: number, top: number, width: number, height: number, laneWidth: number, chosen: number, isNarrow: boolean }} Sight */

/**
 * @param {HTMLCanvasElement} canvas
 */
export function timelineCanvas(canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  /** @type {Record<string, string>} */
  let colours = {};
  const sans = getComputedStyle(document.body).fontFamily;

  function learnColours() {
    for (const key of ["panel", "ink", "soft", "faint", "edge", "line", "in", "out", "ack", "bad", "wait", "accent", "chosen", "ground", "in-ground", "bad-ground"]) colours[key] = colour(`--${key}`);
  }
  learnColours();

  /** @param {string} key @returns {string} */
  const ink = (key) => colours[key] ?? "#888";

  /**
   * @param {string} text
   * @param {number} room pixels
   */
  function fitted(text, room) {
    if (context.measureText(text).width <= room) return text;
    let [low, high] = [0, text.length];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (context.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle;
      else high = middle - 1;
    }
    return low === 0 ? "" : `${text.slice(0, low)}…`;
  }

  /**
   * @param {Model} model
   * @param {Sight} sight
   */
  function draw(model, sight) {
    const ratio = devicePixelRatio || 1;
    const { width, height, left, top, laneWidth } = sight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.setProperty("width", `${width}px`);
      canvas.style.setProperty("height", `${height}px`);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = ink("panel");
    context.fillRect(0, 0, width, height);
    const { moments } = model;
    const rowHeight = model.perRow ?? 24;
    const from = Math.max(0, rowAt(moments, top - rowHeight) - 1);
    const to = Math.min(moments.length, rowAt(moments, top + height) + 1);
    const firstLane = Math.max(0, Math.floor((left - GUTTER) / laneWidth));
    const lastLane = Math.min(model.lanes.length, Math.ceil((left + width - GUTTER) / laneWidth));
    const x = (/** @type {number} */ lane) => GUTTER + lane * laneWidth - left;
    const middle = (/** @type {Moment} */ moment) => moment.y - top + Math.min(rowHeight, 30) - 7;

    context.save();
    context.beginPath();
    context.rect(GUTTER, 0, width - GUTTER, height);
    context.clip();
    drawChosen();
    drawLanes();
    for (const tie of model.ties) if (tie.to >= from && tie.from < to && tie.lane >= firstLane && tie.lane < lastLane) drawTie(tie);
    /** @type {Map<number, number>} */
    const lastLabel = new Map();
    for (let row = from; row < to; row += 1) drawMoment(/** @type {Moment} */ (moments[row]), lastLabel);
    context.restore();
    drawGutter();

    function drawChosen() {
      const moment = moments[sight.chosen];
      if (!moment) return;
      context.fillStyle = ink("chosen");
      context.fillRect(0, moment.y - top, width, Math.min(rowHeight, 30));
    }

    function drawLanes() {
      for (let index = firstLane; index < lastLane; index += 1) {
        const lane = model.lanes[index];
        if (!lane) continue;
        const start = lane.from >= 0 ? middle(/** @type {Moment} */ (moments[lane.from])) : -1;
        const end = lane.to >= 0 ? middle(/** @type {Moment} */ (moments[lane.to])) : height + 1;
        context.fillStyle = index % 2 ? "transparent" : ink("ground");
        context.globalAlpha = 0.45;
        context.fillRect(x(index), 0, laneWidth, height);
        context.globalAlpha = 1;
        context.lineWidth = 1;
        for (const [at, key] of /** @type {const} */ ([[MARGIN, "edge"], [laneWidth - MARGIN, "edge"]])) {
          context.strokeStyle = ink(key);
          context.beginPath();
          context.moveTo(Math.round(x(index) + at) + 0.5, Math.max(-1, start));
          context.lineTo(Math.round(x(index) + at) + 0.5, Math.min(height + 1, end));
          if (end > start) context.stroke();
        }
      }
    }

    /** @param {import("./timeline-model.js").Tie} tie */
    function drawTie({ from: first, to: second, lane, latency, direction }) {
      const [one, other] = [moments[first], moments[second]];
      if (!one || !other) return;
      const side = direction === "in" ? x(lane) + laneWidth - MARGIN : x(lane) + MARGIN;
      const bulge = direction === "in" ? 7 : -7;
      const [y1, y2] = [middle(one), middle(other)];
      context.strokeStyle = ink("ack");
      context.lineWidth = 1.5;
      context.beginPath();
      context.moveTo(side, y1);
      context.bezierCurveTo(side + bulge, y1, side + bulge, y1, side + bulge, Math.min(y1 + 7, y2));
      context.lineTo(side + bulge, Math.max(y2 - 7, y1));
      context.bezierCurveTo(side + bulge, y2, side + bulge, y2, side, y2);
      context.stroke();
      void latency;
    }

    /**
     * @param {Moment} moment
     * @param {Map<number, number>} labels
     */
    function drawMoment(moment, labels) {
      if (moment.kind === "pause") return drawPause(moment);
      if (moment.packets.length > 1) drawFan(moment);
      moment.lanes.forEach((lane, index) => {
        if (lane < firstLane || lane >= lastLane) return;
        const y = middle(moment);
        const isLabelled = rowHeight >= 18 && (model.perRow !== null || y - (labels.get(lane) ?? -99) >= 17);
        if (isLabelled) labels.set(lane, y);
        const packet = moment.packets[index];
        if (packet) drawArrow(moment, packet, lane, y, isLabelled);
        else if (isLabelled || moment.kind === "end") drawMark(moment, lane, y, isLabelled);
      });
    }

    /** @param {Moment} moment */
    function drawFan(moment) {
      const y = middle(moment);
      const inner = moment.lanes.map((lane) => x(lane) + laneWidth - MARGIN);
      context.strokeStyle = ink("out");
      context.globalAlpha = 0.45;
      context.lineWidth = 1;
      context.setLineDash([2, 3]);
      context.beginPath();
      context.moveTo(Math.min(...inner), y);
      context.lineTo(Math.max(...inner), y);
      context.stroke();
      context.setLineDash([]);
      context.globalAlpha = 1;
    }

    /**
     * @param {Moment} moment
     * @param {import("../core/types.js").Packet} packet
     * @param {number} lane
     * @param {number} y
     * @param {boolean} isLabelled
     */
    function drawArrow(moment, packet, lane, y, isLabelled) {
      const [client, server] = [x(lane) + MARGIN, x(lane) + laneWidth - MARGIN];
      // True to time, an answer would hide what it answers.
      if (model.perRow === null && packet.direction === "out") y += 3;
      const isAnswer = packet.type === "ack" || packet.type === "binary_ack";
      const isQuiet = packet.layer === "engine" || (packet.event === null && !isAnswer);
      const isBad = packet.type === "connect_error";
      const paint = isBad ? ink("bad") : isAnswer ? ink("ack") : isQuiet ? ink("faint") : ink(packet.direction);
      const [start, end] = packet.direction === "in" ? [client, server] : [server, client];
      const way = Math.sign(end - start);
      context.strokeStyle = context.fillStyle = paint;
      context.lineWidth = isAnswer || isQuiet ? 1 : 1.4;
      if (isAnswer) context.setLineDash([4, 3]);
      context.beginPath();
      context.moveTo(start, y + 0.5);
      context.lineTo(end - way * 4, y + 0.5);
      context.stroke();
      context.setLineDash([]);
      context.beginPath();
      context.moveTo(end, y + 0.5);
      context.lineTo(end - way * 7, y - 3);
      context.lineTo(end - way * 7, y + 4);
      context.fill();
      if (isLabelled) drawLabel(moment, packet, client + 8, server - 8, y - 4, isAnswer, isQuiet, isBad);
    }

    /**
     * @param {Moment} moment
     * @param {import("../core/types.js").Packet} packet
     * @param {number} start
     * @param {number} end
     * @param {number} y
     * @param {boolean} isAnswer
     * @param {boolean} isQuiet
     * @param {boolean} isBad
     */
    function drawLabel(moment, packet, start, end, y, isAnswer, isQuiet, isBad) {
      const tie = isAnswer ? model.ties.find((tie) => moments[tie.to] === moment && tie.lane === moment.lane) : undefined;
      const question = tie && moments[tie.from]?.packets[0];
      const right = tie ? duration(tie.latency) : bytes(packet.bytes);
      context.textBaseline = "alphabetic";
      context.font = `10px ${sans}`;
      const rightWidth = context.measureText(right).width;
      context.fillStyle = tie ? ink("ack") : ink("soft");
      context.textAlign = "right";
      context.fillText(right, end, y);
      context.textAlign = "left";
      context.font = `${isQuiet || isAnswer ? 400 : 600} 11.5px ${sans}`;
      const label = fitted(isAnswer ? (question ? `ack of ${name(question)}` : "ack") : name(packet), end - start - rightWidth - 8);
      context.fillStyle = isBad ? ink("bad") : isQuiet || isAnswer ? ink("soft") : ink("ink");
      context.fillText(label, start, y);
      const used = context.measureText(label).width + 6;
      context.font = `10.5px ${sans}`;
      context.fillStyle = ink("faint");
      const rest = end - start - used - rightWidth - 10;
      if (rest > 24) context.fillText(fitted(args(packet).slice(0, 120), rest), start + used, y);
    }

    /**
     * @param {Moment} moment
     * @param {number} lane
     * @param {number} y
     * @param {boolean} isLabelled
     */
    function drawMark(moment, lane, y, isLabelled) {
      const [client, server] = [x(lane) + MARGIN, x(lane) + laneWidth - MARGIN];
      context.font = `11px ${sans}`;
      context.textBaseline = "middle";
      context.textAlign = "center";
      if (moment.kind === "end") {
        context.fillStyle = ink(/timeout|error|interrupted/.test(moment.text) ? "bad" : "soft");
        context.fillRect(client - 5, y - 1, server - client + 10, 2);
        context.textBaseline = "alphabetic";
        if (isLabelled) context.fillText(fitted(moment.text, server - client), (client + server) / 2, y - 5);
        return;
      }
      const text = fitted(moment.text, server - client - 24);
      const width = context.measureText(text).width + 14;
      const left = (client + server) / 2 - width / 2;
      context.fillStyle = moment.kind === "upgrade" ? ink("panel") : moment.text.startsWith("+") ? ink("in-ground") : ink("bad-ground");
      context.strokeStyle = ink("edge");
      context.lineWidth = 1;
      context.beginPath();
      /** @type {any} */ (context).roundRect(left, y - 12, width, 17, 8);
      context.fill();
      context.stroke();
      context.fillStyle = moment.kind === "upgrade" ? ink("wait") : moment.text.startsWith("+") ? ink("in") : ink("bad");
      context.fillText(text, (client + server) / 2, y - 3);
    }

    /** @param {Moment} moment */
    function drawPause(moment) {
      const y = moment.y - top;
      context.fillStyle = ink("line");
      context.fillRect(0, y + 4, width, 14);
      context.fillStyle = ink("soft");
      context.font = `10px ${sans}`;
      context.textAlign = "left";
      context.textBaseline = "middle";
      context.fillText(`${duration(Number(moment.text))} of silence`, GUTTER + 10, y + 11);
    }

    function drawGutter() {
      context.fillStyle = ink("panel");
      context.fillRect(0, 0, GUTTER, height);
      context.font = `10.5px ${sans}`;
      context.textAlign = "right";
      context.textBaseline = "alphabetic";
      if (model.perRow === null) return drawClock();
      let before = "";
      for (let row = from; row < to; row += 1) {
        const moment = moments[row];
        if (!moment || moment.kind === "pause") continue;
        const text = clock(moment.at);
        // What is the same as in the row above need not be read again.
        const isSame = text.slice(0, 8) === before.slice(0, 8) && row !== from;
        if (rowHeight < 12 && row % 3) continue;
        context.fillStyle = ink(row === sight.chosen ? "accent" : isSame ? "faint" : "soft");
        context.fillText(isSame ? text.slice(6) : text, GUTTER - 12, middle(moment));
        before = text;
      }
    }

    function drawClock() {
      const span = height * model.perPixel;
      const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 3e7, 6e7, 3e8, 6e8, 18e8, 36e8, 864e8].find((size) => size / model.perPixel >= 60) ?? 864e8;
      const start = moments[0]?.at ?? 0;
      const first = Math.ceil((start + top * model.perPixel) / step) * step;
      for (let at = first; at < start + (top + height) * model.perPixel; at += step) {
        const y = (at - start) / model.perPixel - top + 17;
        context.fillStyle = ink("soft");
        context.fillText(tick(at, step < 1e6 ? Math.min(span, 4e6) : span), GUTTER - 12, y + 3);
        context.fillStyle = ink("edge");
        context.fillRect(GUTTER - 8, y, 6, 1);
      }
    }
  }

  return { draw, learnColours };
}
