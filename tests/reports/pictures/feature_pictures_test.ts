import * as tf from "@tensorflow/tfjs";
import { decode } from "fast-png";
import assert from "node:assert/strict";
import {
  componentsPicture,
  similarityPicture,
  viewPictures,
} from "../../../lib/reports/pictures/feature_pictures.ts";
import { onCpu, PLAIN_VIEWS, tinySlices, withoutLeak } from "../../training/tiny.ts";

const slices = tinySlices(3);
const SIDE = 160;
const STEP = SIDE + 6;

/** A network whose features are the intensity and its complement. */
const network = {
  weights: {},
  forward: (x: tf.Tensor4D): tf.Tensor4D => tf.concat([x, tf.sub(1, x)], 3),
};

/** Colours of a panel's pixels, by column and row of the panel. */
function panels(png: Uint8Array) {
  const { width, height, data } = decode(png);
  const panel = (column: number, row: number) =>
    Array.from({ length: 256 }, (_, pixel) => {
      const x = column * STEP + (pixel % 16) * 10 + 5;
      const y = row * STEP + Math.floor(pixel / 16) * 10 + 5;
      return [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 3)];
    });
  return { columns: (width + 6) / STEP, rows: (height + 6) / STEP, panel };
}

Deno.test(
  "viewPictures() shows views that change nothing as the slice, and features as equal",
  onCpu(withoutLeak(async () => {
    const { views, equivariance } = await viewPictures(network, slices, {
      views: PLAIN_VIEWS,
      seed: 0,
    });
    for (const { columns, rows } of [panels(views), panels(equivariance)]) {
      assert.deepEqual([columns, rows], [3, 3]);
    }
    for (const row of [0, 1, 2]) {
      const shown = panels(views).panel(0, row);
      assert.deepEqual(panels(views).panel(2, row), shown);
      assert.deepEqual(panels(equivariance).panel(1, row), panels(equivariance).panel(0, row));
      assert.ok(panels(equivariance).panel(2, row).every(([similarity]) => similarity === 255));
      const expected = slices.images.subarray(row * 256, row * 256 + 256);
      shown.forEach(([grey], pixel) =>
        assert.equal(grey, Math.round(255 * Math.min(1, Math.max(0, expected[pixel]))))
      );
    }
  })),
);

/** The slices with a second channel, and a network that sees the first alone. */
const twoChannels = {
  ...slices,
  channels: 2,
  images: Float32Array.from([...slices.images].flatMap((grey, i) => [grey, i % 7 / 7])),
};
const firstChannel = {
  weights: {},
  forward: (x: tf.Tensor4D) => network.forward(tf.slice(x, [0, 0, 0, 0], [-1, -1, -1, 1])),
};

Deno.test(
  "the pictures of slices with several channels show the first",
  onCpu(withoutLeak(async () => {
    const draw = async (...[backbone, slices]: Parameters<typeof componentsPicture>) => [
      await componentsPicture(backbone, slices),
      await similarityPicture(backbone, slices, [3, 4]),
      ...Object.values(await viewPictures(backbone, slices, { views: PLAIN_VIEWS, seed: 0 })),
    ];
    assert.deepEqual(await draw(firstChannel, twoChannels), await draw(network, slices));
  })),
);

Deno.test(
  "viewPictures() is dark where a view's pixels lie outside the slice",
  onCpu(async () => {
    const turned = { ...PLAIN_VIEWS.spatial, rotation: [Math.PI / 4, Math.PI / 4] as const };
    const { equivariance } = await viewPictures(network, slices, {
      views: { ...PLAIN_VIEWS, spatial: turned },
      seed: 0,
    });
    const { panel } = panels(equivariance);
    assert.deepEqual(panel(2, 0)[0], [0, 0, 0]);
    assert.ok(panel(2, 0)[8 * 16 + 8][0] > 200);
  }),
);

Deno.test(
  "componentsPicture() and similarityPicture() show the slices above what is alike",
  onCpu(withoutLeak(async () => {
    const components = panels(await componentsPicture(network, slices));
    assert.deepEqual([components.columns, components.rows], [3, 2]);
    const disc = slices.labels.indexOf(1);
    const edge = slices.labels.indexOf(0);
    const [inside, outside] = [disc, edge].map((pixel) => components.panel(0, 1)[pixel]);
    assert.ok(Math.abs(inside[0] - outside[0]) > 150, `${inside} and ${outside}`);
    const similarity = panels(
      await similarityPicture(network, slices, [disc % 16, Math.floor(disc / 16)]),
    );
    const shown = similarity.panel(2, 1).map(([grey]) => grey);
    const mean = (label: number) => {
      const own = shown.filter((_, pixel) => slices.labels[512 + pixel] === label);
      return own.reduce((sum, value) => sum + value) / own.length;
    };
    assert.ok(mean(1) > mean(2) && mean(2) > mean(0), `${[1, 2, 0].map(mean)}`);
  })),
);
